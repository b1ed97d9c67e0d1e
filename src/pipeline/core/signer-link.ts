import { randomUUID } from 'node:crypto';
import type { Id } from '../../domain/ids.ts';
import type { Transaction } from '../ports/database.ts';
import type { ContactBook } from './people-key.ts';
import { digestToken } from './token.ts';

/** Of whom a personal link is: a person, or whoever represents a site. */
export type LinkOwner = { readonly personId: Id } | { readonly siteId: Id };

/**
 * The personal link that answers for a signer; made if there is none yet. `renew`: the one before answers no longer, though
 * it still withdraws. The token is derived from the people key and kept nowhere, so that a reminder carries the same link.
 */
export async function linkOf(
  db: Transaction['db'],
  book: ContactBook,
  owner: LinkOwner,
  at: Date,
  renew = false,
): Promise<{ id: Id; token: string }> {
  const there = await db.signerLink.findFirst({ where: { ...owner, replacedAt: null, revokedAt: null } });
  if (there && !renew) return { id: there.id, token: book.token(there.id) };
  if (there) await db.signerLink.update({ where: { id: there.id }, data: { replacedAt: at } });
  const id = randomUUID();
  const token = book.token(id);
  // Two courses may be asked at the same moment: there is one link, and whoever comes second takes it.
  const data = [{ id, ...owner, tokenDigest: digestToken(token), createdAt: at }];
  const { count } = await db.signerLink.createMany({ data, skipDuplicates: true });
  return count === 1 ? { id, token } : linkOf(db, book, owner, at);
}

/** Revokes every link that a signer has, those that a newer one replaced too. Mail with one of them is not sent any more. */
export async function revokeLinks(tx: Transaction, owner: LinkOwner, at: Date): Promise<Id[]> {
  const rows = await tx.db.signerLink.updateManyAndReturn({
    where: { ...owner, revokedAt: null },
    data: { revokedAt: at },
    select: { id: true },
  });
  for (const { id } of rows)
    await tx.log({ action: 'signer.link_revoked', outcome: 'done', object: { kind: 'signer_link', id } });
  return rows.map(({ id }) => id);
}
