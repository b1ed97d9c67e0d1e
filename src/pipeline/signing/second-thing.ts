import { timingSafeEqual } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { AssuranceCheck } from '../../domain/evidence.ts';
import { phonesIn } from '../../domain/site-contact.ts';
import { type ContactBook, openContactBook } from '../core/people-key.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import type { Signer } from './find-signer.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring'>;

const mostAttempts = 5;
const lockMs = 60 * 60_000;
const digits = 4;

/**
 * Checks the second thing beside the link: the last four digits of a telephone number on record. After five wrong tries the
 * link takes none for an hour, and it is on the log.
 * @throws Refusal `WRONG_STATE`: `SECOND_THING_MISSING`, `SECOND_THING_UNKNOWN` where no telephone is on record,
 * `SECOND_THING_WRONG`, `SECOND_THING_LOCKED`.
 */
export async function proveSecondThing(
  outside: Needs,
  signer: Signer,
  caller: Caller,
  given: string | null,
): Promise<{ checks: readonly AssuranceCheck[]; attempts: number }> {
  if (given === null || given.trim() === '')
    throw new Refusal('WRONG_STATE', { reasons: [{ code: 'SECOND_THING_MISSING' }] });
  const now = outside.clock();
  // The count stands whatever the answer: it is written before anything is compared.
  const outcome = await outside.database.transact(caller, async (tx) => {
    const [link] = await tx.db.$queryRaw<{ attempts: number; lockedUntil: Date | null }[]>`
      SELECT attempts, "lockedUntil" FROM signer_link WHERE id = ${signer.linkId}::uuid FOR UPDATE`;
    if (!link) throw new Refusal('LINK_NOT_VALID');
    if (link.lockedUntil !== null && link.lockedUntil > now) return 'locked';

    const attempts = link.attempts + 1;
    const book = await openContactBook(outside, tx.db);
    try {
      const phones = await phonesOf(tx.db, book, signer);
      if (phones.length === 0) return 'unknown';
      const isRight = phones.some((phone) => isSame(lastDigits(phone), lastDigits(given)));
      const isOver = !isRight && attempts >= mostAttempts;
      await tx.db.signerLink.update({
        where: { id: signer.linkId },
        data: {
          attempts: isRight || isOver ? 0 : attempts,
          lockedUntil: isOver ? new Date(now.getTime() + lockMs) : null,
        },
      });
      if (isRight) return { attempts };
      await tx.log({
        action: isOver ? 'signer.locked_out' : 'signer.second_thing_wrong',
        outcome: 'refused',
        object: { kind: 'signer_link', id: signer.linkId },
        details: { attempts },
      });
      return isOver ? 'locked' : 'wrong';
    } finally {
      book.close();
    }
  });
  if (typeof outcome === 'object') return { checks: ['phone_digits'], attempts: outcome.attempts };
  const code = { locked: 'SECOND_THING_LOCKED', unknown: 'SECOND_THING_UNKNOWN', wrong: 'SECOND_THING_WRONG' } as const;
  throw new Refusal('WRONG_STATE', { reasons: [{ code: code[outcome] }] });
}

/** The telephone numbers on record of a person, or those in the contact of a site. */
async function phonesOf(db: Transaction['db'], book: ContactBook, { personId, siteId }: Signer): Promise<string[]> {
  if (personId === null) {
    const site = await db.site.findUniqueOrThrow({ where: { id: siteId ?? '' }, select: { contact: true } });
    return phonesIn(site.contact);
  }
  const rows = await db.contact.findMany({ where: { personId, kind: 'phone' } });
  return rows.map(({ id, locked }) => book.unlock(id, locked));
}

const lastDigits = (text: string) => text.replaceAll(/\D/g, '').slice(-digits);

function isSame(known: string, given: string): boolean {
  return known.length === digits && given.length === digits && timingSafeEqual(Buffer.from(known), Buffer.from(given));
}
