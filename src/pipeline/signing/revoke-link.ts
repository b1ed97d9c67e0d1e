import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { PermissionStatus } from '../../domain/permission.ts';
import { findPerson } from '../core/find-person.ts';
import { openContactBook } from '../core/people-key.ts';
import { type LinkOwner, linkOf, revokeLinks } from '../core/signer-link.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { answersOf, requestsOf } from './find-signer.ts';
import { queueMail } from './queue-mail.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring' | 'settings'>;

export interface Revoked {
  /** How many links opened something until now. */
  readonly links: number;
  /** Whether a new link is on its way by mail; false: no address is left, or nothing is asked of them. */
  readonly mailed: boolean;
  /** What was answered by link until now. Somebody has to say whether it was they. */
  readonly answers: {
    id: Id;
    subject: string;
    course: string;
    status: PermissionStatus;
    at: Date;
  }[];
}

const mostAnswers = 100;

/**
 * Revokes every link of a person: it was in the wrong hands. Whoever holds one is shown nothing more, and answers nothing. Their
 * own new link goes to the address on record, also where an earlier one was revoked and there was no address.
 * @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when there was no link, and there is nothing to send one for.
 */
export function revokeSignerLink(outside: Needs, caller: Caller, personId: Id): Promise<Revoked> {
  return outside.database.transact(caller, async (tx) => {
    if (!(await findPerson(tx.db, personId))) throw new Refusal('NOT_FOUND');
    const revoked = await revokeLinks(tx, { personId }, outside.clock());
    const renewed = await renewLink(outside, tx, { personId }, revoked);
    if (renewed.links === 0 && !renewed.mailed) throw new Refusal('STATE_CHANGED');
    return renewed;
  });
}

/**
 * Mails with a link of a person that went to one of their addresses, or may have: mail that came back reached nobody. The
 * address is known by its digest, for the same one may have been typed again.
 */
export function linksSentTo(
  { db }: Transaction,
  { personId, digest }: { readonly personId: Id; readonly digest: Uint8Array<ArrayBuffer> },
): Promise<number> {
  return db.delivery.count({
    where: {
      addressDigest: digest,
      state: { notIn: ['refused', 'bounced'] },
      link: { personId, revokedAt: null },
    },
  });
}

/** Sends a signer whose links were revoked a new one, if something is asked of them or answered by them. */
export async function renewLink(
  outside: Pick<Outside, 'clock' | 'keyring' | 'settings'>,
  tx: Transaction,
  owner: LinkOwner,
  revoked: readonly Id[],
): Promise<Revoked> {
  const signer = { personId: null, siteId: null, ...owner };
  const requests = await tx.db.request.findMany({
    where: { ...requestsOf(signer), state: { in: ['open', 'answered'] } },
    select: { id: true },
  });
  const answers = await tx.db.permission.findMany({
    where: { ...answersOf(signer), route: 'electronic', status: { in: ['granted', 'refused', 'withdrawn'] } },
    orderBy: { createdAt: 'desc' },
    take: mostAnswers,
    select: {
      id: true,
      status: true,
      createdAt: true,
      course: { select: { title: true } },
      site: { select: { name: true } },
      participant: { select: { person: { select: { name: true } } } },
    },
  });
  let mailed = false;
  if (requests.length > 0 && outside.settings.sendsMail) {
    const at = outside.clock();
    const book = await openContactBook(outside, tx.db);
    try {
      const { id: linkId } = await linkOf(tx.db, book, owner, at);
      const requestIds = requests.map(({ id }) => id);
      mailed = (await queueMail(tx, book, { linkId, kind: 'renewed', requestIds, at })) !== null;
    } finally {
      book.close();
    }
  }
  return {
    links: revoked.length,
    mailed,
    answers: answers.map(({ id, status, createdAt, course, site, participant }) => ({
      id,
      status,
      at: createdAt,
      course: course.title,
      subject: site?.name ?? participant?.person.name ?? '',
    })),
  };
}
