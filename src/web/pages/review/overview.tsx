import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { pathOf } from '../../api/ask.ts';
import type { Answer } from '../../api/types.ts';
import { useAsk } from '../../api/use-ask.ts';
import { text } from '../../words/current.ts';
import styles from './overview.module.css';

/** How thumbnails lie in their one picture, as the header `Emanet-Thumbnails` says. */
interface Tiles {
  readonly url: string;
  readonly stepMs: number;
  readonly count: number;
  readonly columns: number;
  readonly width: number;
  readonly height: number;
}

/** Reads `name=number` pairs. */
function tilesOf(header: string, url: string): Tiles {
  const values = Object.fromEntries(
    header.split(',').map((pair) => pair.trim().split('=') as [string, string]),
  ) as Readonly<Record<string, string>>;
  const number = (name: string) => Number(values[name] ?? 0);
  return {
    url,
    stepMs: number('step-ms'),
    count: number('count'),
    columns: number('columns'),
    width: number('width'),
    height: number('height'),
  };
}

/** The content security policy lets pictures come from this host, or stand in their own address. */
const asDataUrl = (file: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result)));
    reader.addEventListener('error', () => reject(reader.error));
    reader.readAsDataURL(file);
  });

interface OverviewProps {
  readonly recordingId: string;
  readonly lengthMs: number;
}

/** How loud the original is and what it shows, over the whole length of the timeline. Both are looks at the recording. */
export function Overview({ recordingId, lengthMs }: OverviewProps) {
  const params = { recordingId };
  const waveform = useAsk('getWaveform', { params });
  const thumbnails = useQuery({
    queryKey: ['getThumbnails', recordingId],
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    queryFn: async () => {
      const answer = await fetch(pathOf('getThumbnails', { params }));
      if (!answer.ok) return null;
      return tilesOf(answer.headers.get('emanet-thumbnails') ?? '', await asDataUrl(await answer.blob()));
    },
  });
  return (
    <>
      {waveform.data && <Waveform waveform={waveform.data} lengthMs={lengthMs} />}
      {thumbnails.data && <Thumbnails tiles={thumbnails.data} lengthMs={lengthMs} />}
    </>
  );
}

const heightPx = 48;

function Waveform({ waveform, lengthMs }: { readonly waveform: Answer<'getWaveform'>; readonly lengthMs: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const watcher = new ResizeObserver(([entry]) => entry && setWidth(Math.min(8_000, entry.contentRect.width)));
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext('2d');
    if (!element || !pen || width === 0) return;
    element.width = width;
    element.height = heightPx;
    pen.fillStyle = getComputedStyle(element).color;
    const { peaks, stepMs } = waveform;
    for (let x = 0; x < width; x++) {
      const from = Math.floor(((x / width) * lengthMs) / stepMs);
      const until = Math.max(from + 1, Math.floor((((x + 1) / width) * lengthMs) / stepMs));
      const loudest = Math.max(0, ...peaks.slice(from, until));
      const high = Math.max(1, (loudest / 100) * heightPx);
      pen.fillRect(x, (heightPx - high) / 2, 1, high);
    }
  }, [waveform, lengthMs, width]);
  return <canvas ref={canvas} className={styles.waveform} role="img" aria-label={text('waveformOf')} />;
}

function Thumbnails({ tiles, lengthMs }: { readonly tiles: Tiles; readonly lengthMs: number }) {
  const host = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const watcher = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width));
    watcher.observe(element);
    return () => watcher.disconnect();
  }, []);
  const { url, stepMs, count, columns } = tiles;
  if (count === 0 || columns === 0 || stepMs === 0) return null;
  const wide = (heightPx * tiles.width) / Math.max(1, tiles.height);
  const shown = Math.max(1, Math.floor(width / wide));
  const scale = heightPx / tiles.height;
  const rows = Math.ceil(count / columns);
  return (
    <div ref={host} className={styles.thumbnails} role="img" aria-label={text('thumbnailsOf')}>
      {Array.from({ length: shown }, (_, at) => {
        const ms = ((at + 0.5) / shown) * lengthMs;
        const tile = Math.min(count - 1, Math.floor(ms / stepMs));
        return (
          <span
            key={ms}
            style={{
              insetInlineStart: `${(100 * at) / shown}%`,
              width: wide,
              height: heightPx,
              backgroundImage: `url(${url})`,
              backgroundSize: `${columns * tiles.width * scale}px ${rows * tiles.height * scale}px`,
              backgroundPosition: `-${(tile % columns) * tiles.width * scale}px -${Math.floor(tile / columns) * tiles.height * scale}px`,
            }}
          />
        );
      })}
    </div>
  );
}
