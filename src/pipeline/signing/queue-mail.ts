import type { Id } from '../../domain/ids.ts';
import { maskContact } from '../../domain/mask-contact.ts';
import type { DeliveryKind } from '../../domain/request.ts';
import { mailIn } from '../../domain/site-contact.ts';
import type { ContactBook } from '../core/people-key.ts';
import type { Transaction } from '../ports/database.ts';

/**
 * Queues one mail to the owner of a link, to the newest of their addresses from which nothing came back. What asks goes with a
 * mail that asks and has not gone out yet. Returns its id; null if there is no such address.
 */
export async function queueMail(
  tx: Transaction,
  book: ContactBook,
  mail: { readonly linkId: Id; readonly kind: DeliveryKind; readonly requestIds: readonly Id[]; readonly at: Date },
): Promise<Id | null> {
  const { linkId, kind, requestIds, at } = mail;
  const address = await addressOf(tx.db, book, linkId);
  if (address === null) return null;
  const waiting = kind === 'asked' ? await findWaiting(tx, linkId) : null;
  if (waiting !== null) {
    const data = requestIds.map((requestId) => ({ deliveryId: waiting, requestId }));
    await tx.db.deliveredRequest.createMany({ data, skipDuplicates: true });
    return waiting;
  }
  const row = await tx.db.delivery.create({
    data: {
      linkId,
      state: 'queued',
      kind,
      contactId: address.contactId,
      addressDigest: book.digest('email', address.value),
      addressMask: maskContact('email', address.value),
      queuedAt: at,
      requests: { create: requestIds.map((requestId) => ({ requestId })) },
    },
  });
  await tx.enqueue('mail-signer', { deliveryId: row.id }, { key: `mail:${row.id}` });
  return row.id;
}

/** A mail that asks them and that no worker has taken yet: what is asked now goes with it. Nobody takes it meanwhile. */
async function findWaiting({ db }: Transaction, linkId: Id): Promise<Id | null> {
  const [row] = await db.$queryRaw<{ id: Id }[]>`
    SELECT id FROM delivery
     WHERE "linkId" = ${linkId}::uuid AND kind = 'asked' AND state = 'queued' AND "claimedAt" IS NULL
     LIMIT 1 FOR UPDATE SKIP LOCKED`;
  return row?.id ?? null;
}

/** Where mail to the owner of a link goes. */
export async function addressOf(
  db: Transaction['db'],
  book: ContactBook,
  linkId: Id,
): Promise<{ contactId: Id | null; value: string } | null> {
  const link = await db.signerLink.findUniqueOrThrow({ where: { id: linkId }, include: { site: true } });
  if (link.site) {
    const value = mailIn(link.site.contact);
    return value === null ? null : { contactId: null, value };
  }
  const contact = await db.contact.findFirst({
    where: { personId: link.personId ?? '', kind: 'email', undeliverableAt: null },
    orderBy: { createdAt: 'desc' },
  });
  return contact && { contactId: contact.id, value: book.unlock(contact.id, contact.locked) };
}
