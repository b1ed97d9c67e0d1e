import { type Checkpoint, readCheckpoint, signCheckpoint } from '../../audit/checkpoint.ts';
import { emptyRoot } from '../../audit/merkle.ts';
import { partialTiles, type Tile } from '../../audit/tile-shape.ts';
import { TileEdge } from '../../audit/tiles.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { readLeaves, readTilesOf } from './tree-reader.ts';

type Needs = Pick<Outside, 'database' | 'logSigner'>;

/** Entries that one transaction gives their places. */
const mostAtOnce = 8_192;

/** A checkpoint as it was signed. */
export interface SignedCheckpoint extends Checkpoint {
  readonly note: string;
}

/**
 * Gives every entry that has arrived its place in the tree, and signs the new head: places, tiles and checkpoint commit
 * together. Any number of processes may ask at once; each returns when everything that had committed before it asked is in.
 * Policy P4.
 */
export async function integrateLog({ database, logSigner }: Needs): Promise<SignedCheckpoint> {
  for (;;) {
    const step = await database.transact({ actor: { kind: 'system', id: 'sequencer' } }, async (tx) => {
      const [answer] = await tx.db.$queryRaw<{ size: bigint }[]>`SELECT audit_integrate(${mostAtOnce}) AS size`;
      const size = Number(mustHave(answer, 'answer of the sequencer').size);
      const before = await findCheckpoint(tx.db);
      const signed = size === (before?.size ?? 0) ? before : await growTree(tx, before?.size ?? 0, size, logSigner);
      return { signed, isWhole: size - (before?.size ?? 0) < mostAtOnce };
    });
    if (step.isWhole) return step.signed ?? sign({ origin: logSigner.name, size: 0, root: emptyRoot }, logSigner);
  }
}

/** The newest checkpoint; null before the first. */
export async function findCheckpoint(db: Pick<Transaction['db'], 'auditCheckpoint'>): Promise<SignedCheckpoint | null> {
  const row = await db.auditCheckpoint.findFirst({ orderBy: { size: 'desc' } });
  return row && { ...readCheckpoint(row.note), note: row.note };
}

/** Checkpoints over more than `after` and at most `last` entries, oldest first. */
export async function* checkpointsBetween({ read }: Outside['database'], after: number, last: number) {
  for (let before = BigInt(after); ; ) {
    const rows = await read.auditCheckpoint.findMany({
      where: { size: { gt: before, lte: last } },
      orderBy: { size: 'asc' },
      take: 500,
      select: { size: true, note: true },
    });
    for (const row of rows) yield { size: Number(row.size), note: row.note };
    const end = rows.at(-1);
    if (!end || rows.length < 500) return;
    before = end.size;
  }
}

async function growTree(
  { db }: Transaction,
  from: number,
  to: number,
  signer: Needs['logSigner'],
): Promise<SignedCheckpoint> {
  const edge = new TileEdge(from, await readPartialTiles(db, from));
  // Places that a migration or an interrupted process gave may exceed one batch.
  for (let start = from; start < to; start += mostAtOnce) {
    const end = Math.min(start + mostAtOnce, to);
    for (const leaf of await readLeaves(db, start, end)) {
      for (const { level, index, hashes, root } of edge.append(leaf))
        await db.auditTile.create({
          data: { level, index, hashes: new Uint8Array(hashes), root: new Uint8Array(root) },
        });
    }
  }
  const signed = sign({ origin: signer.name, size: to, root: edge.root() }, signer);
  await db.$executeRaw`INSERT INTO audit_checkpoint (size, root, note) VALUES (${to}, ${signed.root}, ${signed.note})`;
  return signed;
}

function sign(checkpoint: Checkpoint, signer: Needs['logSigner']): SignedCheckpoint {
  return { ...checkpoint, note: signCheckpoint(checkpoint, signer) };
}

/** The tiles of the right edge, ready to be taken. */
export async function readPartialTiles(db: Transaction['db'], size: number): Promise<(tile: Tile) => Uint8Array> {
  const read = await readTilesOf(db, size, partialTiles(size));
  const byLevel = new Map(read.map(({ tile, octets }) => [tile.level, octets]));
  return ({ level }) => mustHave(byLevel.get(level), `partial tile of level ${level}`);
}
