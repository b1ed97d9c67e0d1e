import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { nameIn } from '../../domain/site-contact.ts';
import { digestToken } from '../core/token.ts';
import type { Caller } from '../ports/caller.ts';
import type { Database, Transaction } from '../ports/database.ts';

/** The holder of a personal link. */
export interface Signer {
  readonly linkId: Id;
  readonly tokenDigest: string;
  /** A newer link was sent: this one still withdraws and no longer answers. */
  readonly isReplaced: boolean;
  readonly personId: Id | null;
  readonly siteId: Id | null;
  readonly name: string;
  /** BCP 47; null: not known. */
  readonly language: string | null;
}

/** @throws Refusal `LINK_NOT_VALID`: the same for a link that never was, was revoked, or is of somebody who is gone. */
export async function findSigner(db: Database['read'] | Transaction['db'], token: string): Promise<Signer> {
  const tokenDigest = digestToken(token);
  const link = await db.signerLink.findUnique({
    where: { tokenDigest },
    include: { person: { select: { name: true, language: true } }, site: { select: { contact: true } } },
  });
  if (!link || link.revokedAt !== null || (!link.person && !link.site)) throw new Refusal('LINK_NOT_VALID');
  return {
    linkId: link.id,
    tokenDigest,
    isReplaced: link.replacedAt !== null,
    personId: link.personId,
    siteId: link.siteId,
    name: link.person?.name ?? nameIn(link.site?.contact ?? ''),
    language: link.person?.language ?? null,
  };
}

/** Keeps a link from being revoked until the transaction ends. @throws Refusal `LINK_NOT_VALID`: it was meanwhile. */
export async function holdLink({ db }: Transaction, { linkId }: Signer): Promise<void> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM signer_link WHERE id = ${linkId}::uuid AND "revokedAt" IS NULL FOR SHARE`;
  if (rows.length === 0) throw new Refusal('LINK_NOT_VALID');
}

export function callerOf({ linkId }: Signer, address: string | undefined): Caller {
  return { actor: { kind: 'signer', id: linkId }, address };
}

/** Requests that are this signer's to answer. */
export function requestsOf({ personId, siteId }: Pick<Signer, 'personId' | 'siteId'>) {
  return personId === null ? { siteId: siteId ?? '' } : { signerId: personId };
}

/** Answers that are this signer's: those they gave for a child, for themselves, or for the site. */
export function answersOf({ personId, siteId }: Pick<Signer, 'personId' | 'siteId'>) {
  if (personId === null) return { siteId: siteId ?? '' };
  return {
    OR: [
      { signerCapacity: 'guardian' as const, guardianId: personId },
      { signerCapacity: 'self' as const, participant: { personId } },
    ],
  };
}
