import fc from 'fast-check';
import { expect, test } from 'vitest';
import { consistencyProof, type Hash, inclusionProof, leafHash, nodeHash, rootOf } from '../../../src/audit/merkle.ts';
import { allTiles, parseTilePath, partialTiles, type Tile, tileIn, tilePath } from '../../../src/audit/tile-shape.ts';
import { readTiles, TileEdge, tileRoot, tilesRead } from '../../../src/audit/tiles.ts';

test.each([
  [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
  [{ level: 0, index: 999, width: 256 }, 'tile/0/999'],
  [{ level: 0, index: 1000, width: 256 }, 'tile/0/x001/000'],
  // The example of the specification.
  [{ level: 0, index: 1234067, width: 256 }, 'tile/0/x001/x234/067'],
  [{ level: 1, index: 0, width: 1 }, 'tile/1/000.p/1'],
  [{ level: 2, index: 12345, width: 255 }, 'tile/2/x012/345.p/255'],
])('%j is %s', (tile, path) => {
  expect(tilePath(tile)).toBe(path);
  expect(parseTilePath(path)).toEqual(tile);
});

test.each([
  'tile/0/0',
  'tile/0/x000/000',
  'tile/00/000',
  'tile/64/000',
  'tile/0/000.p/0',
  'tile/0/000.p/256',
  'tile/0/000.p/01',
  'tile/0/../000',
  'tile/0/x9999/000',
  'checkpoint',
  '',
])('%j names no tile', (path) => expect(parseTilePath(path)).toBeNull());

/** A tree kept as plain rows of hashes of subtrees. */
class Rows {
  readonly rows: Hash[][];
  constructor(leaves: Hash[]) {
    this.rows = [leaves];
    for (let row = leaves; row.length > 1; ) {
      row = Array.from({ length: Math.floor(row.length / 2) }, (_, at) => nodeHash(row[2 * at]!, row[2 * at + 1]!));
      this.rows.push(row);
    }
  }
  tile({ level, index, width }: Tile): Buffer {
    return Buffer.concat(this.rows[8 * level]!.slice(index * 256, index * 256 + width));
  }
  read = ({ height, index }: { height: number; index: number }) => this.rows[height]![index]!;
}
const largest = 70_000;
const leaves = Array.from({ length: largest }, (_, index) => leafHash(String(index)));
const whole = new Rows(leaves);

test('every proof out of tiles is the one out of the whole tree, and names the tiles that it reads', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 1, max: largest }), fc.constantFrom(1, 255, 256, 257, 65_535, 65_536, 65_537)),
      fc.nat(),
      fc.nat(),
      (size, a, b) => {
        const index = a % size;
        const oldSize = 1 + (b % size);
        const work = (read: typeof whole.read) => [
          ...inclusionProof(index, size, read),
          ...consistencyProof(oldSize, size, read),
          rootOf(size, read),
        ];
        const named = new Map(tilesRead(size, work).map((tile) => [`${tile.level}/${tile.index}`, whole.tile(tile)]));
        const read = readTiles((level, at) => {
          const octets = named.get(`${level}/${at}`);
          if (!octets) throw new Error('a tile that was not named');
          return octets;
        });
        expect(work(read)).toEqual(work(whole.read));
        expect(named.size).toBeLessThan(20);
      },
    ),
  );
});

test.each([
  [0, []],
  [1, ['tile/0/000.p/1']],
  [255, ['tile/0/000.p/255']],
  [256, ['tile/1/000.p/1']],
  [257, ['tile/0/001.p/1', 'tile/1/000.p/1']],
  [65_536, ['tile/2/000.p/1']],
  [70_000, ['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1']],
])('the right edge of %i leaves', (size, paths) => expect(partialTiles(size).map(tilePath)).toEqual(paths));

test('all tiles are there, each once, and each full one is one hash of the level above', () => {
  const tiles = [...allTiles(largest)];
  expect(tiles.filter(({ level }) => level === 0)).toHaveLength(274);
  expect(new Set(tiles.map(tilePath)).size).toBe(tiles.length);
  for (const tile of tiles) {
    if (tile.width < 256) continue;
    const above = whole.rows[8 * (tile.level + 1)]![tile.index]!;
    expect(tileRoot(whole.tile(tile))).toEqual(above);
  }
  expect(tileIn(largest, 0, 274)).toBeNull();
});

test('the right edge fills the same tiles and has the same root, started over anywhere', () => {
  const stops = [0, 1, 255, 256, 257, 5_000, 65_535, 65_536, 65_800, largest];
  const filled: string[] = [];
  for (const [at, start] of stops.slice(0, -1).entries()) {
    const edge = new TileEdge(start, (tile) => whole.tile(tile));
    expect(edge.root()).toEqual(rootOf(start, whole.read));
    for (const leaf of leaves.slice(start, stops[at + 1]!))
      for (const { hashes, root, ...tile } of edge.append(leaf)) {
        expect(hashes).toEqual(whole.tile(tile));
        expect(root).toEqual(whole.rows[8 * (tile.level + 1)]![tile.index]!);
        filled.push(tilePath(tile));
      }
    expect(edge.size).toBe(stops[at + 1]);
    expect(edge.root()).toEqual(rootOf(edge.size, whole.read));
  }
  const full = [...allTiles(largest)].filter(({ width }) => width === 256).map(tilePath);
  expect(filled.toSorted()).toEqual(full.toSorted());
});
