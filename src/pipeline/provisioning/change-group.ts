import { Refusal } from '../../domain/errors.ts';
import { type Id, isId } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import { rolesBySchool } from '../../domain/role-mapping.ts';
import type { ScimGroupChange } from '../../domain/scim.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { followRoles } from '../staff/follow-roles.ts';

type Needs = Pick<Outside, 'database' | 'schools' | 'clock' | 'settings' | 'signOn'>;

const taken = () => new Refusal('ALREADY_EXISTS', { reasons: [{ code: 'SCIM_GROUP_TAKEN' }] });

/** @throws Refusal `INVALID_REQUEST` `SCIM_VALUE`, `SCIM_MEMBER_UNKNOWN`; `ALREADY_EXISTS`; `WRONG_STATE` `LAST_ADMINISTRATOR`. */
export async function createGroup(outside: Needs, caller: Caller, said: ScimGroupChange): Promise<Id> {
  const { displayName, externalId = null } = said;
  if (displayName === undefined)
    throw new Refusal('INVALID_REQUEST', { reasons: [{ code: 'SCIM_VALUE', params: { path: 'displayName' } }] });
  const firstId = await firstSchool(outside);
  return outside.database.transact(caller, async (tx) => {
    const at = outside.clock();
    if ((await tx.db.scimGroup.count({ where: { displayName } })) > 0) throw taken();
    const data = { displayName, externalId, createdAt: at, updatedAt: at };
    const { id } = await tx.db.scimGroup.create({ data, select: { id: true } });
    await putMembers(tx, id, said);
    await followGroups(tx, outside, await membersOf(tx, id), firstId);
    return id;
  });
}

/**
 * Changes a group; roles of all who are or were in it follow in the same transaction.
 * @throws Refusal `NOT_FOUND`, and as {@link createGroup}.
 */
export async function changeGroup(outside: Needs, caller: Caller, id: Id, said: ScimGroupChange): Promise<void> {
  const firstId = await firstSchool(outside);
  await outside.database.transact(caller, async (tx) => {
    const group = await findForChange(tx, id);
    const { displayName = group.displayName, externalId = group.externalId } = said;
    if (displayName !== group.displayName && (await tx.db.scimGroup.count({ where: { displayName } })) > 0)
      throw taken();
    await tx.db.scimGroup.update({ where: { id }, data: { displayName, externalId, updatedAt: outside.clock() } });
    const before = await membersOf(tx, id);
    await putMembers(tx, id, said);
    const after = await membersOf(tx, id);
    const isRenamed = displayName !== group.displayName || externalId !== group.externalId;
    const moved = [...before, ...after].filter((one) => isRenamed || before.includes(one) !== after.includes(one));
    await followGroups(tx, outside, [...new Set(moved)], firstId);
  });
}

/** @throws Refusal `NOT_FOUND`; `WRONG_STATE` `LAST_ADMINISTRATOR`. */
export async function removeGroup(outside: Needs, caller: Caller, id: Id): Promise<void> {
  const firstId = await firstSchool(outside);
  await outside.database.transact(caller, async (tx) => {
    await findForChange(tx, id);
    const before = await membersOf(tx, id);
    await tx.db.scimGroup.delete({ where: { id } });
    await followGroups(tx, outside, before, firstId);
  });
}

async function firstSchool({ schools }: Needs): Promise<Id> {
  const [firstId] = await schools.list();
  return mustHave(firstId, 'first school');
}

async function findForChange(tx: Transaction, id: Id) {
  const [group] = isId(id)
    ? await tx.db.$queryRaw<{ displayName: string; externalId: string | null }[]>`
        SELECT "displayName", "externalId" FROM scim_group WHERE id = ${id}::uuid FOR UPDATE`
    : [];
  if (group === undefined) throw new Refusal('NOT_FOUND');
  return group;
}

async function membersOf(tx: Transaction, groupId: Id): Promise<Id[]> {
  const rows = await tx.db.scimMember.findMany({ where: { groupId }, select: { userId: true } });
  return rows.map(({ userId }) => userId);
}

async function putMembers(tx: Transaction, groupId: Id, { members, added, removed }: ScimGroupChange): Promise<void> {
  if (members !== undefined) await tx.db.scimMember.deleteMany({ where: { groupId, userId: { notIn: [...members] } } });
  if (removed.length > 0) await tx.db.scimMember.deleteMany({ where: { groupId, userId: { in: [...removed] } } });
  const wanted = [...new Set([...(members ?? []), ...added])].filter((id) => !removed.includes(id));
  if (wanted.length === 0) return;
  const known = await tx.db.scimUser.findMany({ where: { userId: { in: wanted } }, select: { userId: true } });
  const unknown = wanted.find((id) => !known.some(({ userId }) => userId === id));
  if (unknown !== undefined)
    throw new Refusal('INVALID_REQUEST', {
      reasons: [{ code: 'SCIM_MEMBER_UNKNOWN', params: { id: unknown.slice(0, 100) } }],
    });
  await tx.db.scimMember.createMany({ data: wanted.map((userId) => ({ groupId, userId })), skipDuplicates: true });
}

/** Gives these people the roles of the groups that they are in now. Groups count by name and by the provider's id. */
async function followGroups(tx: Transaction, outside: Needs, userIds: readonly Id[], firstId: Id): Promise<void> {
  if (userIds.length === 0) return;
  const { schoolId } = await tx.db.user.findFirstOrThrow({ select: { schoolId: true } });
  // In a fixed order: two groups that change at once must not wait for each other.
  for (const userId of userIds.toSorted()) {
    // Another group of the same person may be changing: what it says is read after it is done.
    await tx.db.$queryRaw`SELECT 1 FROM "user" WHERE id = ${userId} FOR UPDATE`;
    const groups = await tx.db.scimGroup.findMany({
      where: { members: { some: { userId } } },
      select: { displayName: true, externalId: true },
    });
    const names = groups.flatMap(({ displayName, externalId }) => [
      displayName,
      ...(externalId === null ? [] : [externalId]),
    ]);
    const roles = rolesBySchool(outside.signOn?.mapping ?? [], names, firstId).get(schoolId);
    if (roles !== undefined) await followRoles(tx, outside, userId, roles, 'scim');
  }
}
