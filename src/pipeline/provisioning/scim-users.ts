import { Refusal } from '../../domain/errors.ts';
import { type Id, isId } from '../../domain/ids.ts';
import type { ScimFilter } from '../../domain/scim.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database'>;

export interface Page {
  /** Begins with 1. */
  readonly startIndex: number;
  readonly count: number;
}

const withUser = {
  user: { select: { name: true, account: { select: { email: true } } } },
  memberships: { select: { group: { select: { id: true, displayName: true } } }, take: 100 },
} as const;

/** A person that the provider has provisioned. @throws Refusal `NOT_FOUND`. */
export async function getScimUser({ database }: Needs, userId: Id) {
  const row = await database.read.scimUser.findFirst({ where: { userId }, include: withUser });
  if (row === null) throw new Refusal('NOT_FOUND');
  return row;
}
export type ScimUserRow = Awaited<ReturnType<typeof getScimUser>>;

export async function listScimUsers({ database }: Needs, filter: ScimFilter | null, { startIndex, count }: Page) {
  const where = filter === null ? {} : whereOf(filter);
  if (where === null) return { total: 0, rows: [] };
  const total = await database.read.scimUser.count({ where });
  const rows = await database.read.scimUser.findMany({
    where,
    include: withUser,
    orderBy: [{ createdAt: 'asc' }, { userId: 'asc' }],
    skip: startIndex - 1,
    take: count,
  });
  return { total, rows };
}

/** Null: nothing has it. */
function whereOf({ attribute, value }: ScimFilter) {
  if (attribute === 'userName') return { userName: value.toLowerCase() };
  if (attribute === 'externalId') return { externalId: value };
  if (attribute === 'id') return { userId: value };
  return null;
}

const withMembers = {
  members: { select: { user: { select: { userId: true, userName: true } } } },
} as const;

/** @throws Refusal `NOT_FOUND`. */
export async function getScimGroup({ database }: Needs, id: Id) {
  const row = isId(id) ? await database.read.scimGroup.findUnique({ where: { id }, include: withMembers }) : null;
  if (row === null) throw new Refusal('NOT_FOUND');
  return row;
}
export type ScimGroupRow = Awaited<ReturnType<typeof getScimGroup>>;

export async function listScimGroups({ database }: Needs, filter: ScimFilter | null, { startIndex, count }: Page) {
  const where = filter === null ? {} : groupsWhere(filter);
  if (where === null) return { total: 0, rows: [] };
  const total = await database.read.scimGroup.count({ where });
  const rows = await database.read.scimGroup.findMany({
    where,
    include: withMembers,
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    skip: startIndex - 1,
    take: count,
  });
  return { total, rows };
}

function groupsWhere({ attribute, value }: ScimFilter) {
  if (attribute === 'displayName') return { displayName: value };
  if (attribute === 'externalId') return { externalId: value };
  return attribute === 'id' && isId(value) ? { id: value } : null;
}
