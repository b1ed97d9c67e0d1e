import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { channelShown } from './list-channels.ts';

type Needs = Pick<Outside, 'database'>;

/** Policy P7. @throws Refusal `NOT_FOUND`. */
export async function assessChannel(
  { database }: Needs,
  caller: Caller,
  channelId: Id,
  assessment: { assessedBy: string; summary: string; validFrom: Date; validUntil: Date },
) {
  return database.transact(caller, async (tx) => {
    if (!(await tx.db.channel.findUnique({ where: { id: channelId } }))) throw new Refusal('NOT_FOUND');
    await tx.db.riskAssessment.create({ data: { ...assessment, channelId } });
    await tx.log({
      action: 'channel.assessed',
      outcome: 'done',
      object: { kind: 'channel', id: channelId },
      details: { validFrom: assessment.validFrom.toISOString(), validUntil: assessment.validUntil.toISOString() },
    });
    return tx.db.channel.findUniqueOrThrow({
      where: { id: channelId },
      include: channelShown,
    });
  });
}
