import { Refusal } from '../../domain/errors.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { getSchool } from './get-school.ts';
import { channelShown } from './list-channels.ts';

type Needs = Pick<Outside, 'database'>;

/** Approves a channel, or one again whose approval was taken back. Policy P7. @throws Refusal `ALREADY_EXISTS`. */
export async function approveChannel({ database }: Needs, caller: Caller, name: string) {
  const { id: schoolId } = await getSchool({ database });
  return database.transact(caller, async (tx) => {
    const known = await tx.db.channel.findUnique({ where: { schoolId_name: { schoolId, name } } });
    if (known?.approved) throw new Refusal('ALREADY_EXISTS');
    const approval = { approved: true, withdrawnAt: null, withdrawnById: null, withdrawnWhy: null };
    const row = known
      ? await tx.db.channel.update({ where: { id: known.id }, data: approval, include: channelShown })
      : await tx.db.channel.create({ data: { name }, include: channelShown });
    await tx.log({ action: 'channel.approved', outcome: 'done', object: { kind: 'channel', id: row.id } });
    return row;
  });
}
