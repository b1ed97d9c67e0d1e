import { createRequire } from 'node:module';

/**
 * File of the slate's letters, which a run that writes a slate must be allowed to read. It has every letter of Turkish,
 * and comes with this package: the fonts of a machine are not known.
 */
export const slateFont = createRequire(import.meta.url)
  .resolve('dejavu-fonts-ttf/package.json')
  .replace(/package\.json$/, 'ttf/DejaVuSans.ttf');

const lines = ['This part was removed', 'Bu bölüm çıkarıldı'];
/** Letters of DejaVu Sans are 0.6 of their size wide on average; the longer line has to fit with a margin. */
const widthOfSize = 0.6 * Math.max(...lines.map((line) => line.length));
/** Smaller letters cannot be read. */
const leastSize = 9;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Filters that say in both languages, in the middle of a black box, why it is black. None for a box too small for it.
 */
export function slateFilters(box: Box, enable: string): string[] {
  const size = Math.floor(Math.min((box.width * 0.92) / widthOfSize, box.height / 6));
  if (size < leastSize) return [];
  return lines.map((line, at) => {
    const x = `${box.x}+(${box.width}-text_w)/2`;
    const y = Math.round(box.y + box.height / 2 + (at === 0 ? -1.6 * size : 0.6 * size));
    return `drawtext=fontfile='${quoted(slateFont)}':expansion=none:text='${quoted(line)}':fontsize=${size}:fontcolor=white:x=${x}:y=${y}:enable='${enable}'`;
  });
}

/** For the inside of single quotes in a filter graph: once for the graph, once for the filter's options. */
const quoted = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll(':', '\\:').replaceAll("'", "'\\\\\\''");
