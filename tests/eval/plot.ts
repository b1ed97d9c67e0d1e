import { fileURLToPath } from 'node:url';
import { throughFfmpeg } from './sound.ts';

export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly low?: number | null;
  readonly high?: number | null;
}

const font = fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
const [rowHeight, labelWidth, barWidth] = [26, 430, 420];

/** Horizontal bars from 0 to 1 with their 95 % intervals, as a PNG. ffmpeg draws it, so that nothing more is needed. */
export function plotBars(title: string, bars: readonly Bar[]): Promise<Buffer> {
  const height = 50 + bars.length * rowHeight + 16;
  const x = (value: number) => Math.round(labelWidth + value * barWidth);
  const filters = [
    text(title, 12, 14, 18),
    ...bars.flatMap(({ label, value, low, high }, row) => {
      const y = 50 + row * rowHeight;
      return [
        text(label, 12, y + 4, 13),
        `drawbox=x=${labelWidth}:y=${y}:w=${Math.max(1, x(value) - labelWidth)}:h=18:color=0x2f6f8f:t=fill`,
        ...(low === null || low === undefined || high === null || high === undefined
          ? []
          : [`drawbox=x=${x(low)}:y=${y + 8}:w=${Math.max(1, x(high) - x(low))}:h=2:color=0x111111:t=fill`]),
        text(value.toFixed(2), labelWidth + barWidth + 12, y + 4, 13),
      ];
    }),
  ];
  return throughFfmpeg([
    ...['-f', 'lavfi', '-i', `color=white:s=${labelWidth + barWidth + 70}x${height},${filters.join(',')}`],
    ...['-frames:v', '1', '-c:v', 'png', '-f', 'image2pipe', '-'],
  ]);
}

/** A filter reads its text with three kinds of escapes; what they would be needed for is left out. */
const text = (words: string, x: number, y: number, size: number): string =>
  `drawtext=fontfile=${font}:fontsize=${size}:fontcolor=black:x=${x}:y=${y}:expansion=none:text='${words.replaceAll(/['\\:%,;[\]]/g, ' ')}'`;
