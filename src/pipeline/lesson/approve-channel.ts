import { Refusal } from '../../domain/errors.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { getSchool } from './get-school.ts';

type Needs = Pick<Outside, 'database'>;

/** Policy P7. @throws Refusal `ALREADY_EXISTS`. */
export async function approveChannel({ database }: Needs, caller: Caller, name: string) {
  const { id: schoolId } = await getSchool({ database });
  return database.transact(caller, async (tx) => {
    if (await tx.db.channel.findUnique({ where: { schoolId_name: { schoolId, name } } }))
      throw new Refusal('ALREADY_EXISTS');
    const row = await tx.db.channel.create({ data: { name }, include: { assessments: true } });
    await tx.log({ action: 'channel.approved', outcome: 'done', object: { kind: 'channel', id: row.id } });
    return row;
  });
}
