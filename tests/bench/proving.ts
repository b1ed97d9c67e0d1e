import { createHash } from 'node:crypto';
import { isIncluded } from '../../src/audit/merkle.ts';
import { tileWidth } from '../../src/audit/tile-shape.ts';
import { TileEdge } from '../../src/audit/tiles.ts';
import { TreeReader } from '../../src/pipeline/oversight/tree-reader.ts';
import { type BenchDatabase, startBenchDatabase } from './bench-database.ts';
import { atMost, type Bench, p95, type Row } from './measure.ts';

const mostProofMs = 5;
const barAt = 1_000_000;

/**
 * (d) Inclusion proofs out of trees of 1e3 to 1e7 leaves, each by a reader that has nothing at hand, and verified. The tree is in
 * the database, the entries under it are not: no proof reads them.
 */
export const proving: Bench = {
  about: 'inclusion proofs (p95), out of trees of 1,000 to 10,000,000 leaves',
  async measure({ isQuick, folder, say }) {
    const sizes = isQuick ? [1_000, 10_000] : [1_000, 10_000, 100_000, 1_000_000, 10_000_000];
    const bench = await startBenchDatabase(folder);
    const rows: Row[] = [];
    let first: number | null = null;
    try {
      const edge = new TileEdge();
      for (const size of sizes) {
        // Up to a whole tile: the leaves of a partial one stand with the entries.
        const leaves = Math.ceil(size / tileWidth) * tileWidth;
        await grow(bench, edge, leaves);
        const root = edge.root();
        say(`  a tree of ${leaves} leaves is there`);
        const took = await p95(isQuick ? 20 : 500, async (n) => {
          const index = (n * 7_919 * 31) % leaves;
          const proof = await new TreeReader(bench.database.read, leaves).inclusion(index + 1);
          if (!isIncluded({ index, size: leaves, leaf: leafOf(index), root }, proof)) throw new Error('a wrong proof');
        });
        first ??= took;
        const bar = size === barAt ? mostProofMs : undefined;
        rows.push(
          atMost(`(d) inclusion proof, ${size} leaves, p95`, took, 'ms', bar, {
            name: `${sizes[0]} leaves`,
            value: first,
          }),
        );
      }
      return rows;
    } finally {
      await bench.stop();
    }
  },
};

const leafOf = (index: number) => createHash('sha256').update(String(index)).digest();

async function grow({ asOwner }: BenchDatabase, edge: TileEdge, leaves: number): Promise<void> {
  const columns: { levels: number[]; indexes: number[]; hashes: Buffer[]; roots: Buffer[] } = {
    levels: [],
    indexes: [],
    hashes: [],
    roots: [],
  };
  const flush = async () => {
    await asOwner(
      `INSERT INTO audit_tile (level, index, hashes, root)
       SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[], $4::bytea[])`,
      [columns.levels, columns.indexes, columns.hashes, columns.roots],
    );
    for (const column of Object.values(columns)) column.length = 0;
  };
  while (edge.size < leaves) {
    for (const { level, index, hashes, root } of edge.append(leafOf(edge.size))) {
      columns.levels.push(level);
      columns.indexes.push(index);
      columns.hashes.push(hashes);
      columns.roots.push(root);
    }
    if (columns.levels.length >= 1_000) await flush();
  }
  await flush();
  await asOwner('ANALYZE audit_tile');
}
