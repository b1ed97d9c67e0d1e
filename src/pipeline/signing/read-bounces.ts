import type { DeliveryFailure, ReportFlaw } from '../../domain/delivery-report.ts';
import type { BounceMailbox } from '../ports/bounce-mailbox.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { readReport } from './read-report.ts';
import { settle } from './send-mail.ts';

type Needs = Pick<Outside, 'schools' | 'clock'>;

const caller: Caller = { actor: { kind: 'system', id: 'mail' } };

/**
 * Reads what came back: a permanent failure of a mail that went out from here makes its address undeliverable, as a refusal of
 * the mail server does. Whoever sends such a report has to know the Message-ID of that mail: 74 random bits, which only its
 * recipient and the mail servers on the way have seen. Everything else changes nothing, and `note` is told why. Run by the
 * clock, once for all schools.
 */
export async function readBounces(
  outside: Needs,
  mailbox: BounceMailbox,
  note: (flaw: ReportFlaw) => void,
): Promise<number> {
  let bounced = 0;
  await mailbox.each(async (message) => {
    const report = message === null ? 'too_large' : readReport(message);
    const outcome = typeof report === 'string' ? report : await settleBounce(outside, report);
    if (outcome === 'bounced') bounced += 1;
    else if (outcome !== 'known') note(outcome);
    return { isDone: outcome !== 'early' };
  });
  return bounced;
}

/** `known`: it was settled as refused or bounced before. */
async function settleBounce(
  { schools, clock }: Needs,
  { messageId, says }: DeliveryFailure,
): Promise<'bounced' | 'known' | 'not_ours' | 'early'> {
  const { database } = await schools.ofSecret('delivery', messageId);
  return database.transact(caller, async (tx) => {
    const found = await tx.db.delivery.findUnique({ where: { messageId }, select: { id: true } });
    if (!found) return 'not_ours';
    await tx.db.$queryRaw`SELECT id FROM delivery WHERE id = ${found.id}::uuid FOR UPDATE`;
    const { state } = await tx.db.delivery.findUniqueOrThrow({ where: { id: found.id }, select: { state: true } });
    // The bounce was faster than the word of the mail server.
    if (state === 'queued') return 'early';
    if (state === 'refused' || state === 'bounced') return 'known';
    await settle(tx, found.id, { state: 'bounced', reply: says, at: clock() });
    return 'bounced';
  });
}
