import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import type { Box } from '../../src/detection/picture-hash.ts';
import { mediaDir } from '../support/media.ts';
import { pick, seeded, throughFfmpeg } from './sound.ts';

/** How meeting tools lay out who is there. `share`: a shared screen with a strip of tiles beside or above it. */
export const galleryTools = ['zoom', 'meet', 'teams', 'teams light', 'bbb'] as const;
export type GalleryTool = (typeof galleryTools)[number];
export const galleryLayouts = ['gallery', 'share', 'speaker'] as const;
export type GalleryLayout = (typeof galleryLayouts)[number];

export interface GalleryView {
  readonly tool: GalleryTool;
  readonly layout: GalleryLayout;
  readonly width: number;
  readonly height: number;
  /** Names in the order of the tiles; each is invented. */
  readonly names: readonly string[];
  /** Size of the font of the labels, in pixels. */
  readonly letterPx: number;
  readonly seed: number;
}

/** The truth of one tile. */
export interface GalleryTile {
  readonly name: string;
  readonly box: Box;
  /** False: the camera is off, and the tile shows a name or initials. */
  readonly isOn: boolean;
}

interface Style {
  readonly ground: string;
  readonly gap: number;
  readonly margin: number;
  readonly radius: number;
  /** Width divided by height; null: tiles fill their cells. */
  readonly shape: number | null;
  readonly off: string;
  readonly border: string;
  readonly label: string;
  readonly letters: string;
  readonly before: string;
  readonly after: string;
}

/** Pixels of a picture of 720 rows. */
const styles: Readonly<Record<GalleryTool, Style>> = {
  zoom: {
    ...{ ground: '#1a1a1a', gap: 6, margin: 6, radius: 0, shape: 16 / 9, off: '#242424', border: '#23d959' },
    ...{ label: 'left:0;bottom:0;padding:2px 6px;background:rgba(0,0,0,.6)', letters: '#fff', before: '', after: '' },
  },
  meet: {
    ...{ ground: '#202124', gap: 12, margin: 16, radius: 8, shape: null, off: '#3c4043', border: '#8ab4f8' },
    ...{ label: 'left:12px;bottom:9px;text-shadow:0 1px 2px rgba(0,0,0,.7)', letters: '#fff', before: '', after: '' },
  },
  teams: {
    ...{ ground: '#1f1f1f', gap: 4, margin: 4, radius: 4, shape: null, off: '#33344a', border: '#7f85f5' },
    ...{ label: 'left:6px;bottom:6px;padding:1px 6px;background:rgba(0,0,0,.55);border-radius:4px', letters: '#fff' },
    ...{ before: '', after: ' <span style="color:#f66">●</span>' },
  },
  'teams light': {
    ...{ ground: '#f5f5f5', gap: 6, margin: 6, radius: 4, shape: null, off: '#d9d9e6', border: '#5b5fc7' },
    ...{ label: 'left:6px;bottom:6px;padding:1px 6px;background:rgba(255,255,255,.85);border-radius:4px' },
    ...{ letters: '#242424', before: '', after: '' },
  },
  bbb: {
    ...{ ground: '#06172a', gap: 5, margin: 5, radius: 4, shape: 4 / 3, off: '#18324a', border: '#1f6fd1' },
    ...{ label: 'left:4px;bottom:4px;padding:0 5px;background:rgba(0,0,0,.5)', letters: '#fff', before: '' },
    ...{ after: ' ▾' },
  },
};

interface Places {
  readonly tiles: readonly Box[];
  /** The shared screen. */
  readonly screen: Box | null;
}

/** Tiles of one size in rows, as large as fit; the last row stands in the middle. */
function inGrid(area: Box, count: number, { gap, shape }: Pick<Style, 'gap' | 'shape'>): Box[] {
  let best: { columns: number; width: number; height: number } | null = null;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const [cellWidth, cellHeight] = [
      (area.width - gap * (columns - 1)) / columns,
      (area.height - gap * (rows - 1)) / rows,
    ];
    const [least, most] = shape === null ? [1.2, 1.9] : [shape, shape];
    const width = Math.min(cellWidth, cellHeight * most);
    const height = Math.min(cellHeight, width / least);
    if (best === null || width * height > best.width * best.height) best = { columns, width, height };
  }
  const { columns, width, height } = best!;
  const rows = Math.ceil(count / columns);
  const top = area.y + (area.height - rows * height - (rows - 1) * gap) / 2;
  return Array.from({ length: count }, (_, at) => {
    const row = Math.floor(at / columns);
    const inRow = Math.min(columns, count - row * columns);
    const left = area.x + (area.width - inRow * width - (inRow - 1) * gap) / 2;
    return {
      x: Math.round(left + (at % columns) * (width + gap)),
      y: Math.round(top + row * (height + gap)),
      width: Math.round(width),
      height: Math.round(height),
    };
  });
}

function placesOf({ tool, layout, width, height, names }: GalleryView): Places {
  const scale = height / 720;
  const { gap, margin, shape } = styles[tool];
  const style = { gap: Math.max(2, Math.round(gap * scale)), shape };
  const edge = Math.max(2, Math.round(margin * scale));
  const [innerWidth, innerHeight] = [width - 2 * edge, height - 2 * edge];
  const inner = { x: edge, y: edge, width: innerWidth, height: innerHeight };
  if (layout === 'gallery') return { tiles: inGrid(inner, names.length, style), screen: null };
  const isAbove = tool === 'bbb' || layout === 'speaker';
  const share = isAbove ? Math.round(innerHeight * 0.24) : Math.round(innerWidth * 0.24);
  const strip = isAbove ? { ...inner, height: share } : { ...inner, x: width - edge - share, width: share };
  const rest = isAbove
    ? { ...inner, y: inner.y + share + style.gap, height: innerHeight - share - style.gap }
    : { ...inner, width: innerWidth - share - style.gap };
  if (layout === 'share') return { tiles: inGrid(strip, names.length, style), screen: rest };
  const [big] = inGrid(rest, 1, { ...style, shape: 16 / 9 });
  return { tiles: [big!, ...inGrid(strip, names.length - 1, style)], screen: null };
}

function pageOf(view: GalleryView, tiles: readonly GalleryTile[], screen: Box | null, active: number): string {
  const style = styles[view.tool];
  const scale = view.height / 720;
  const radius = Math.round(style.radius * scale);
  const hole = ({ x, y, width, height }: Box, r: number) =>
    `M${x + r},${y}h${width - 2 * r}a${r},${r} 0 0 1 ${r},${r}v${height - 2 * r}a${r},${r} 0 0 1 ${-r},${r}` +
    `h${-(width - 2 * r)}a${r},${r} 0 0 1 ${-r},${-r}v${-(height - 2 * r)}a${r},${r} 0 0 1 ${r},${-r}z`;
  const holes = [
    ...tiles.filter(({ isOn }) => isOn).map(({ box }) => hole(box, radius)),
    ...(screen ? [hole(screen, 0)] : []),
  ];
  const initials = (name: string) =>
    name
      .split(' ')
      .map((word) => word[0])
      .join('')
      .slice(0, 2);
  const off = ({ name, box }: GalleryTile) =>
    `<div style="position:absolute;left:${box.x}px;top:${box.y}px;width:${box.width}px;height:${box.height}px;` +
    `background:${style.off};border-radius:${radius}px;display:flex;align-items:center;justify-content:center">` +
    (view.tool === 'zoom'
      ? `<span style="color:#fff;font-size:${Math.round(box.height / 9)}px">${name}</span>`
      : `<span style="width:${box.height * 0.4}px;height:${box.height * 0.4}px;border-radius:50%;background:#7b5ea7;color:#fff;` +
        `font-size:${box.height * 0.16}px;display:flex;align-items:center;justify-content:center">${initials(name)}</span>`) +
    '</div>';
  const label = ({ name, box }: GalleryTile) =>
    `<div style="position:absolute;left:${box.x}px;top:${box.y}px;width:${box.width}px;height:${box.height}px">` +
    `<div style="position:absolute;${style.label};color:${style.letters};font-size:${view.letterPx}px;line-height:1.25;` +
    `max-width:${box.width - 14}px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis">${style.before}${name}${style.after}</div></div>`;
  const { x, y, width, height } = tiles[active]!.box;
  const wide = Math.max(2, Math.round(3 * scale));
  return `<!doctype html><meta charset="utf-8"><body style="margin:0;width:${view.width}px;height:${view.height}px;position:relative;
    overflow:hidden;background:transparent;font-family:'DejaVu Sans',sans-serif">
    <svg width="${view.width}" height="${view.height}" style="position:absolute;left:0;top:0"><path fill="${style.ground}"
    fill-rule="evenodd" d="M0,0h${view.width}v${view.height}h${-view.width}z ${holes.join(' ')}"/></svg>
    ${tiles
      .filter(({ isOn }) => !isOn)
      .map(off)
      .join('')}
    <div style="position:absolute;left:${x}px;top:${y}px;width:${width}px;height:${height}px;box-sizing:border-box;
    border:${wide}px solid ${style.border};border-radius:${radius}px"></div>${tiles.map(label).join('')}`;
}

const lecture = (name: string): string[] => [...['-stream_loop', '-1', '-i', join(mediaDir, name)]];
const made = (graph: string): string[] => ['-f', 'lavfi', '-i', graph];

/** Moving pictures for the tiles: rooms and screens that were recorded where the media are there, and made ones. */
function clipsOf(rate: number, onlyMade: boolean): string[][] {
  const recorded = [
    'lectures/empty_lecture_room_20s.ogv',
    'lectures/zoom_ruby_gem_walkthrough_mit.mp4',
    'eval/D4_teams_negative.mp4',
    'eval/D7_zoom_pip_and_muted_film.mp4',
  ].filter((name) => !onlyMade && existsSync(join(mediaDir, name)));
  return [
    ...recorded.map(lecture),
    made(`mandelbrot=size=640x360:rate=${rate}`),
    made(`testsrc2=size=640x360:rate=${rate}`),
    made(`gradients=size=640x360:rate=${rate}:speed=0.02:seed=3`),
    made(`life=size=320x180:rate=${rate}:seed=4:mold=20:death_color=0x302010:life_color=0xd0a080`),
  ];
}

/** How a camera sees it: bright, dark, pale. */
const lights = ['null', 'eq=brightness=-0.25', 'eq=contrast=0.6:brightness=0.1', 'eq=brightness=0.15'];

/** Draws a view with moving tiles into an MP4, and says where every tile is. */
export async function drawGallery(
  browser: Browser,
  view: GalleryView,
  folder: string,
  { seconds = 4, rate = 5, crf = 28, name = 'view', onlyMade = false } = {},
): Promise<{ readonly file: string; readonly tiles: readonly GalleryTile[] }> {
  const random = seeded(view.seed);
  const { tiles: boxes, screen } = placesOf(view);
  const tiles = boxes.map((box, at): GalleryTile => ({ name: view.names[at]!, box, isOn: random() > 0.25 }));
  const page = await browser.newPage({ viewport: { width: view.width, height: view.height } });
  const overlay = join(folder, `${name}.png`);
  try {
    await page.setContent(pageOf(view, tiles, screen, Math.floor(random() * tiles.length)));
    await writeFile(overlay, await page.screenshot({ omitBackground: true }));
  } finally {
    await page.close();
  }
  const clips = clipsOf(rate, onlyMade);
  const shown = [...tiles.filter(({ isOn }) => isOn).map(({ box }) => box), ...(screen === null ? [] : [screen])];
  const inputs = shown.map((box) => (box === screen && clips.length > 4 ? clips[1]! : pick(random, clips)));
  const used = [...new Set(inputs)];
  const counts = used.map((clip) => inputs.filter((one) => one === clip).length);
  const filters = used.map(
    (_, at) =>
      `[${at}:v]fps=${rate},scale=640:360,split=${counts[at]}${Array.from({ length: counts[at]! }, (__, n) => `[c${at}_${n}]`).join('')}`,
  );
  const taken = used.map(() => 0);
  let last = `color=c=black:s=${view.width}x${view.height}:r=${rate}[b0]`;
  for (const [at, box] of shown.entries()) {
    const clip = used.indexOf(inputs[at]!);
    const zoom = box === screen ? 1 : 0.35 + 0.65 * random();
    const [w, h] = [Math.round(640 * zoom), Math.round(360 * zoom)];
    const [x, y] = [Math.floor((640 - w) * random()), Math.floor((360 - h) * random())];
    filters.push(
      `[c${clip}_${taken[clip]!++}]crop=${w}:${h}:${x}:${y},${pick(random, lights)},scale=${box.width}:${box.height},setsar=1[t${at}]`,
      last,
    );
    last = `[b${at}][t${at}]overlay=${box.x}:${box.y}:shortest=0[b${at + 1}]`;
  }
  filters.push(last, `[b${shown.length}][${used.length}:v]overlay=0:0,format=yuv420p[out]`);
  const file = join(folder, `${name}.mp4`);
  await throughFfmpeg([
    ...['-y', ...used.flat(), '-loop', '1', '-i', overlay, '-filter_complex', filters.join(';')],
    ...['-map', '[out]', '-t', String(seconds), '-r', String(rate), '-c:v', 'libx264', '-preset', 'veryfast'],
    ...['-crf', String(crf), file],
  ]);
  return { file, tiles };
}
