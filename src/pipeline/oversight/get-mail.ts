import { withoutAddresses } from '../../domain/mask-contact.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Outside } from '../ports/outside.ts';

/** How many of the addresses that mail comes back from are named. */
const mostNamed = 200;

/**
 * How mail stands: whether there is a server, what waits, what was sent last, and which addresses mail comes back from, each so
 * masked that only its owner knows it.
 */
export async function getMail({ database: { read }, settings }: Pick<Outside, 'database' | 'settings'>) {
  const undeliverable = { undeliverableAt: { not: null }, kind: 'email' } as const;
  const [school, [jobs], queued, sent, count, contacts] = await Promise.all([
    read.school.findFirst({ select: { mailTestedAt: true } }),
    read.$queryRaw<{ waiting: number; oldest: Date | null }[]>`
      SELECT count(*)::int AS waiting, min(created_at) AS oldest FROM graphile_worker.jobs
      WHERE task_identifier IN ('send-mail', 'send-password-reset') AND attempts < max_attempts
        AND flags ? ('school ' || current_school())`,
    read.delivery.aggregate({ where: { state: 'queued' }, _count: true, _min: { queuedAt: true } }),
    read.delivery.aggregate({ where: { state: 'accepted' }, _max: { settledAt: true } }),
    read.contact.count({ where: undeliverable }),
    read.contact.findMany({
      where: undeliverable,
      orderBy: [{ undeliverableAt: 'desc' }, { id: 'asc' }],
      take: mostNamed,
      select: {
        id: true,
        undeliverableAt: true,
        undeliverableWhy: true,
        person: { select: { id: true, name: true } },
      },
    }),
  ]);
  const masks = await read.delivery.findMany({
    where: { contactId: { in: contacts.map(({ id }) => id) } },
    orderBy: { queuedAt: 'asc' },
    select: { contactId: true, addressMask: true },
  });
  const maskOf = new Map(masks.map(({ contactId, addressMask }) => [contactId, addressMask]));
  return {
    sendsMail: settings.sendsMail,
    readsBounces: settings.readsBounces,
    testedAt: school?.mailTestedAt ?? null,
    waitingForSigners: queued._count,
    waitingForStaff: jobs?.waiting ?? 0,
    oldestWaiting: earlier(queued._min.queuedAt, jobs?.oldest ?? null),
    lastSent: sent._max.settledAt,
    undeliverable: {
      count,
      items: contacts.map(({ id, person, undeliverableAt, undeliverableWhy }) => ({
        person,
        address: maskOf.get(id) ?? null,
        since: mustHave(undeliverableAt, 'since when an address is undeliverable'),
        why: undeliverableWhy && withoutAddresses(undeliverableWhy),
      })),
    },
  };
}

function earlier(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}
