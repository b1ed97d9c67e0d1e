import { type ReactNode, useEffect, useRef, useState } from 'react';
import { clock } from '../../../domain/decision.ts';
import { Button } from '../../parts/button.tsx';
import { label, text } from '../../words/current.ts';
import { rangeOf } from './decisions-card.tsx';
import { sourceOf } from './evidence.ts';
import { rowsOf, type Segment } from './lanes.ts';
import styles from './timeline.module.css';

interface TimelineProps {
  /** Between the scale and the lanes, as wide as they are. */
  readonly children?: ReactNode;
  readonly lengthMs: number;
  readonly atMs: number;
  readonly segments: readonly Segment[];
  readonly chosenId: string | null;
  readonly onChoose: (segment: Segment) => void;
  readonly onSeek: (ms: number) => void;
}

const zooms = [1, 2, 4, 8, 16, 32, 64] as const;
/** About how many pixels lie between two marks of the scale. */
const markEvery = 110;
const niceMs = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600].map((seconds) => seconds * 1000);

/**
 * The whole recording from left to right: a scale, and a lane for each way in which something was found. Segments are
 * real buttons with names, in the order of time; zooming keeps the place that is played in sight.
 */
export function Timeline({ lengthMs, atMs, segments, chosenId, onChoose, onSeek, children }: TimelineProps) {
  const [zoom, setZoom] = useState(0);
  const roll = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(600);
  const factor = zooms[zoom] ?? 1;
  useEffect(() => {
    const element = roll.current;
    if (element === null) return;
    const watcher = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  useEffect(() => {
    const element = roll.current;
    if (element === null || factor === 1) return;
    const x = (atMs / lengthMs) * element.scrollWidth;
    if (x < element.scrollLeft || x > element.scrollLeft + element.clientWidth)
      element.scrollLeft = x - element.clientWidth / 2;
  }, [Math.floor(atMs / 1000), factor]);
  useEffect(() => {
    const element = roll.current;
    if (element === null) return;
    // With Control, as everywhere; a plain wheel scrolls the page.
    const wheeled = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      setZoom((now) => Math.max(0, Math.min(zooms.length - 1, now + (event.deltaY < 0 ? 1 : -1))));
    };
    element.addEventListener('wheel', wheeled, { passive: false });
    return () => element.removeEventListener('wheel', wheeled);
  }, []);
  const share = (ms: number) => `${(100 * Math.min(ms, lengthMs)) / lengthMs}%`;
  const stepMs = niceMs.find((step) => (step / lengthMs) * width * factor >= markEvery) ?? 3_600_000;
  const marks = Array.from({ length: Math.min(Math.floor(lengthMs / stepMs) + 1, 2_000) }, (_, at) => at * stepMs);
  const shown = rowsOf(segments);
  return (
    <>
      <div className="row">
        <Button small isDisabled={zoom === 0} onPress={() => setZoom(zoom - 1)}>
          {text('zoomOut')}
        </Button>
        <Button small isDisabled={zoom === zooms.length - 1} onPress={() => setZoom(zoom + 1)}>
          {text('zoomIn')}
        </Button>
        <Button small isDisabled={zoom === 0} onPress={() => setZoom(0)}>
          {text('zoomAll')}
        </Button>
      </div>
      <div className={styles.frame}>
        <ul className={styles.names} aria-hidden>
          <li className={styles.corner} />
          {shown.map(({ lane, isFirst, segments: [first] }) => (
            <li key={first?.id}>{isFirst && text(`lane_${lane}`)}</li>
          ))}
        </ul>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
        <section className={styles.roll} ref={roll} tabIndex={0} aria-label={text('timeline')}>
          <div className={styles.inner} style={{ width: `${100 * factor}%` }}>
            {/* biome-ignore lint/a11y/noStaticElementInteractions: the seek bar of the player is the way by keyboard */}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
            <div
              className={styles.scale}
              onClick={({ clientX, currentTarget }) => {
                const { left, width: whole } = currentTarget.getBoundingClientRect();
                onSeek(((clientX - left) / whole) * lengthMs);
              }}
            >
              {marks.map((ms) => (
                <span key={ms} style={{ insetInlineStart: share(ms) }}>
                  {clock(ms)}
                </span>
              ))}
            </div>
            {children}
            {shown.map(({ segments: row }) => (
              <Row key={row[0]?.id} segments={row} {...{ chosenId, onChoose, share }} />
            ))}
            <span className={styles.now} style={{ insetInlineStart: share(atMs) }} aria-hidden />
          </div>
        </section>
      </div>
    </>
  );
}

interface RowProps extends Pick<TimelineProps, 'segments' | 'chosenId' | 'onChoose'> {
  readonly share: (ms: number) => string;
}

function Row({ segments, chosenId, onChoose, share }: RowProps) {
  return (
    <div className={styles.lane}>
      {segments.map((segment) => {
        const { id, startMs, endMs, title, decision } = segment;
        const state = decision === null ? text('undecided') : label('decision', decision.kind);
        return (
          <button
            key={id}
            type="button"
            className={`${styles.segment} ${decision === null ? styles.open : styles.decided}`}
            style={{ insetInlineStart: share(startMs), width: share(endMs - startMs) }}
            aria-pressed={id === chosenId}
            aria-label={text('segmentAt', { range: rangeOf(segment), what: title ?? sourceOf(segment), state })}
            title={title ?? sourceOf(segment)}
            onClick={() => onChoose(segment)}
          />
        );
      })}
    </div>
  );
}
