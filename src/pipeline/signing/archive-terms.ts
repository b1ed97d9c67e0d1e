import { Readable } from 'node:stream';
import { folderOf, recordSealed, sealIntoStore } from '../core/sealed-object.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring'>;

const caller: Caller = { actor: { kind: 'system', id: 'terms' } };

/** Seals the exact words that signers were shown into the vault, once for each version. Repeatable. */
export async function archiveTerms(outside: Needs, digest: string): Promise<void> {
  const { database } = outside;
  const row = await database.read.terms.findFirst({ where: { digest } });
  if (!row || row.sealedId !== null) return;
  const sealed = await sealIntoStore(
    outside,
    folderOf('documents', row.id),
    Readable.from([Buffer.from(row.canonical, 'utf8')]),
  );
  await database.transact(caller, async (tx) => {
    const binding = await recordSealed(tx, sealed);
    const { count } = await tx.db.terms.updateMany({
      where: { digest, sealedId: null },
      data: { sealedId: sealed.id },
    });
    if (count === 0) throw new Error('these terms were archived meanwhile');
    await tx.log({
      action: 'terms.archived',
      outcome: 'done',
      object: { kind: 'terms', id: row.id },
      details: { ...binding, terms: digest },
    });
  });
}
