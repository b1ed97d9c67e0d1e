import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { live, quarantineOfChannel } from '../core/quarantine.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { channelShown } from './list-channels.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** How many recordings one transaction puts out of reach. */
const mostAtOnce = 5_000;

/**
 * Takes the approval of a channel back: the gate of every lesson over it closes, and in the same transaction the recordings of
 * these lessons go into quarantine. Of more than 5,000 the rest follows in transactions of its own; the gate keeps them from
 * everybody meanwhile. Should that break off, asking again goes on with it. Approving the channel again opens the gates, and
 * each quarantine is then lifted by a person. Policy P7. @throws Refusal `NOT_FOUND`; `STATE_CHANGED` when it is not approved.
 */
export async function withdrawChannel(
  { database, clock }: Needs,
  caller: Caller,
  channelId: Id,
  { why, atOnce = mostAtOnce }: { readonly why: string; readonly atOnce?: number },
) {
  const ofChannel = { ...live, lesson: { course: { channelId } } };
  const begin = async (tx: Transaction) => {
    if (!(await tx.db.channel.findUnique({ where: { id: channelId } }))) throw new Refusal('NOT_FOUND');
    const { count } = await tx.db.channel.updateMany({
      where: { id: channelId, approved: true },
      data: { approved: false, withdrawnAt: clock(), withdrawnById: staffIdOf(caller), withdrawnWhy: why },
    });
    const recordings = await tx.db.recording.count({ where: ofChannel });
    if (count === 0 && recordings === 0) throw new Refusal('STATE_CHANGED');
    if (count > 0)
      await tx.log({
        action: 'channel.withdrawn',
        outcome: 'done',
        object: { kind: 'channel', id: channelId },
        details: { recordings },
      });
    return quarantineOfChannel(tx, channelId, atOnce);
  };
  let done = await database.transact(caller, begin);
  while (done === atOnce) done = await database.transact(caller, (tx) => quarantineOfChannel(tx, channelId, atOnce));
  return database.read.channel.findUniqueOrThrow({ where: { id: channelId }, include: channelShown });
}
