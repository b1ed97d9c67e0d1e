import type { Id } from '../../domain/ids.ts';
import { withoutAddresses } from '../../domain/mask-contact.ts';
import { isMailTime } from '../../domain/permission-rules.ts';
import { isOfAge } from '../../domain/person.ts';
import type { DeliveryKind, DeliveryState } from '../../domain/request.ts';
import { openContactBook } from '../core/people-key.ts';
import { findPermissionRules } from '../core/permission-rules.ts';
import { standing } from '../core/standing-guardians.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Handed, SignerLetter } from '../ports/mail.ts';
import type { Outside } from '../ports/outside.ts';
import { addressOf } from './queue-mail.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring' | 'settings'>;

const caller: Caller = { actor: { kind: 'system', id: 'mail' } };

/**
 * Sends a queued mail, once: it is claimed before the mail server is asked. If the process ends in between, nobody knows
 * whether it went, and it is not sent again; the next reminder goes as usual. A mail whose requests are all answered or over
 * by then is not sent.
 */
export async function sendSignerMail(
  outside: Needs,
  hand: (letter: SignerLetter) => Promise<Handed>,
  deliveryId: Id,
): Promise<void> {
  const { database, clock } = outside;
  const claimed = await database.transact(caller, async (tx) => {
    await tx.db.$queryRaw`SELECT id FROM delivery WHERE id = ${deliveryId}::uuid FOR UPDATE`;
    const row = await tx.db.delivery.findUnique({ where: { id: deliveryId } });
    if (row?.state !== 'queued') return null;
    if (row.claimedAt !== null) {
      await settle(tx, deliveryId, { state: 'unknown', reply: null, at: clock() });
      return null;
    }
    if (row.kind === 'reminder' && (await isLateAtNight(tx, row.queuedAt, clock()))) {
      // The schedule sends it in the morning.
      const where = { state: 'open', deliveries: { some: { deliveryId } } } as const;
      await tx.db.request.updateMany({ where, data: { remindAt: clock(), reminders: { decrement: 1 } } });
      await removeDelivery(tx, deliveryId);
      return null;
    }
    const letter = await toLetter(outside, tx, deliveryId);
    if (letter === null) {
      await removeDelivery(tx, deliveryId);
      return null;
    }
    await tx.db.delivery.update({
      where: { id: deliveryId },
      data: { claimedAt: clock(), messageId: letter.messageId },
    });
    return letter;
  });
  if (claimed === null) return;
  const handed = await hand(claimed);
  if (handed.outcome === 'unsent') {
    await database.transact(caller, async (tx) => {
      await tx.db.delivery.update({ where: { id: deliveryId }, data: { claimedAt: null } });
    });
    throw handed.cause;
  }
  await database.transact(caller, (tx) =>
    settle(tx, deliveryId, { state: handed.outcome, reply: handed.reply, at: clock() }),
  );
}

/** Whether it was queued in the hours in which mail goes out, and the mail server was away until they were over. */
async function isLateAtNight({ db }: Transaction, queuedAt: Date, now: Date): Promise<boolean> {
  const rules = await findPermissionRules(db);
  return isMailTime(rules, queuedAt) && !isMailTime(rules, now);
}

async function removeDelivery({ db }: Transaction, deliveryId: Id): Promise<void> {
  await db.deliveredRequest.deleteMany({ where: { deliveryId } });
  await db.delivery.delete({ where: { id: deliveryId } });
}

/** Null: nothing is left to say, or there is no address any more. */
async function toLetter(outside: Needs, tx: Transaction, deliveryId: Id): Promise<SignerLetter | null> {
  const { db } = tx;
  const row = await db.delivery.findUniqueOrThrow({
    where: { id: deliveryId },
    include: {
      link: { include: { person: { select: { name: true, language: true } }, site: { select: { contact: true } } } },
      requests: {
        include: {
          request: {
            include: {
              course: { select: { title: true } },
              participant: { select: { personId: true, person: { select: { name: true } } } },
              site: { select: { name: true } },
            },
          },
        },
      },
    },
  });
  const { link, kind } = row;
  const isToSay = {
    asked: ({ state }) => state === 'open',
    reminder: ({ state }) => state === 'open',
    renewed: ({ state }) => state === 'open' || state === 'answered',
    told: ({ participant }) => participant !== null && stands.has(participant.personId),
  } satisfies Record<DeliveryKind, (request: (typeof row.requests)[number]['request']) => boolean>;
  const stands = await pupilsOf(db, link.personId, outside.clock());
  const requests = row.requests.map(({ request }) => request).filter(isToSay[kind]);
  if (requests.length === 0 || link.revokedAt !== null) return null;
  const school = await db.school.findFirstOrThrow({ select: { name: true } });
  const book = await openContactBook(outside, db);
  try {
    const address = await addressOf(db, book, link.id);
    if (address === null) return null;
    const base = outside.settings.baseUrl();
    return {
      kind,
      to: address.value,
      language: link.person?.language ?? null,
      signer: link.person?.name ?? '',
      school: school.name,
      url: `${base}/s/${book.token(link.id)}`,
      about: requests.map(({ participant, site, course, answerBy }) => ({
        subject: participant?.person.name ?? site?.name ?? '',
        course: course.title,
        answerBy,
      })),
      messageId: `<${deliveryId}@${new URL(base).hostname}>`,
    };
  } finally {
    book.close();
  }
}

/** For whom somebody stands now: nothing of a child is told to whoever stood for it when the mail was queued. */
async function pupilsOf(db: Transaction['db'], guardianId: Id | null, now: Date): Promise<ReadonlySet<Id>> {
  if (guardianId === null) return new Set();
  const rows = await db.guardianship.findMany({
    where: { guardianId, ...standing },
    select: { pupilId: true, pupil: { select: { adultFrom: true } } },
  });
  return new Set(rows.flatMap(({ pupilId, pupil }) => (isOfAge(pupil.adultFrom, now) ? [] : [pupilId])));
}

/** Writes what became of a mail. An address that the mail server does not know is asked for again by nobody. */
export async function settle(
  tx: Transaction,
  deliveryId: Id,
  settled: { state: Exclude<DeliveryState, 'queued'>; reply: string | null; at: Date },
): Promise<void> {
  const { state, at } = settled;
  const reply = settled.reply && withoutAddresses(settled.reply);
  const row = await tx.db.delivery.update({
    where: { id: deliveryId },
    data: { state, reply, settledAt: at },
    include: { link: { select: { personId: true } } },
  });
  const personId = row.link.personId;
  if ((state === 'refused' || state === 'bounced') && row.contactId !== null) {
    // None: it was taken off the record while the mail was out.
    const { count } = await tx.db.contact.updateMany({
      where: { id: row.contactId },
      data: { undeliverableAt: at, undeliverableWhy: reply },
    });
    const isTold =
      count === 0 ||
      (personId && (await tx.db.task.count({ where: { kind: 'correct_address', personId, doneAt: null } })));
    if (personId && !isTold) await tx.db.task.create({ data: { kind: 'correct_address', personId } });
  }
  await tx.log({
    action: `mail.${state}`,
    outcome: 'done',
    object: { kind: 'signer_link', id: row.linkId },
    details: { delivery: deliveryId, kind: row.kind },
  });
}
