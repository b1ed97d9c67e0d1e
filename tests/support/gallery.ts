import { fileURLToPath } from 'node:url';

/** Four layouts of six seconds each in the manner of Zoom, 640 × 360. */
export const galleryFile = fileURLToPath(new URL('../fixtures/media/gallery.mp4', import.meta.url));
export const gallerySize = { width: 640, height: 360 };

/** Where the tile of Ada Yılmaz stands in each layout, in pixels; null: she is not there. */
export const adaTiles = [
  { startMs: 0, endMs: 6_000, box: { x: 7, y: 3, width: 312, height: 176 } },
  { startMs: 6_000, endMs: 12_000, box: { x: 322, y: 3, width: 312, height: 176 } },
  { startMs: 12_000, endMs: 18_000, box: null },
  { startMs: 18_000, endMs: 24_000, box: { x: 322, y: 91, width: 316, height: 177 } },
] as const;
