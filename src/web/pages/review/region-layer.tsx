import { type PointerEvent, useEffect, useRef, useState } from 'react';
import type { Region } from '../../../domain/decision.ts';
import { placeOf, usePictureBox } from './picture-box.ts';
import styles from './region-layer.module.css';

interface RegionLayerProps {
  readonly video: HTMLVideoElement | null;
  readonly region: Region | null;
  /** The next drag over the picture marks it; null: only shown. */
  readonly onDrawn: ((region: Region | null) => void) | null;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

const clamp = (value: number): number => Math.min(Math.max(value, 0), 1);
const between = (a: Point, b: Point): Region => ({
  x: Math.min(a.x, b.x),
  y: Math.min(a.y, b.y),
  width: Math.abs(a.x - b.x),
  height: Math.abs(a.y - b.y),
});
/** A click that was no drag marks nothing. */
const leastShare = 0.005;

/** Lies over the picture of a video: shows a region, or lets one be drawn with a mouse, a pen or a finger. */
export function RegionLayer({ video, region, onDrawn }: RegionLayerProps) {
  const box = usePictureBox(video);
  const [from, setFrom] = useState<Point | null>(null);
  const [drag, setDrag] = useState<Region | null>(null);
  const layer = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (onDrawn === null) return;
    const escaped = (event: KeyboardEvent) => event.key === 'Escape' && onDrawn(null);
    addEventListener('keydown', escaped);
    return () => removeEventListener('keydown', escaped);
  }, [onDrawn]);
  if (box === null) return null;
  const pointAt = ({ clientX, clientY }: PointerEvent): Point => {
    const { left, top, width, height } = (layer.current as HTMLDivElement).getBoundingClientRect();
    return { x: clamp((clientX - left) / width), y: clamp((clientY - top) / height) };
  };
  const shown = drag ?? region;
  return (
    <div
      ref={layer}
      className={onDrawn === null ? styles.layer : `${styles.layer} ${styles.draws}`}
      style={box}
      onPointerDown={(event) => {
        if (onDrawn === null) return;
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        setFrom(pointAt(event));
      }}
      onPointerMove={(event) => from !== null && setDrag(between(from, pointAt(event)))}
      onPointerUp={(event) => {
        if (from === null || onDrawn === null) return;
        const drawn = between(from, pointAt(event));
        setFrom(null);
        setDrag(null);
        onDrawn(drawn.width > leastShare && drawn.height > leastShare ? drawn : null);
      }}
      onPointerCancel={() => {
        setFrom(null);
        setDrag(null);
      }}
    >
      {shown !== null && <div className={styles.mark} style={placeOf(shown)} />}
    </div>
  );
}
