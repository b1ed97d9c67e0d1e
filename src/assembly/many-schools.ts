import { randomUUID } from 'node:crypto';
import type { OpenDatabase } from '../adapters/prisma/database.ts';
import type { Config } from '../config/env.ts';
import type { AuditEvent } from '../domain/audit-event.ts';
import type { Id } from '../domain/ids.ts';
import { choosePermissionRules } from '../pipeline/lesson/choose-permission-rules.ts';
import { ensureKeysOfSchool, type NewRecoveryKey } from './first-start.ts';
import { schoolConfig } from './schools.ts';

/** What the operator asked for cannot be done; the message says why, and to whom it is said. */
export class SetUpRefused extends Error {
  override readonly name = 'SetUpRefused';
}

const caller = { actor: { kind: 'system', id: 'setup' } } as const;

/**
 * Opens a school beside the first one, with keys and a log of its own. The keys come first: a school that is there has them.
 * Both logs say so. @throws SetUpRefused if there is no first school yet, or one of this name.
 */
export async function openAnotherSchool(
  config: Config,
  open: OpenDatabase,
  name: string,
  preset: 'tr' | 'uk',
): Promise<{ readonly id: Id; readonly newRecoveryKey: NewRecoveryKey | null }> {
  const there = await figuresOf(open);
  if (there.length === 0) throw new SetUpRefused('there is no school yet: the first one is made with --school NAME');
  const same = there.find((school) => school.name === name);
  if (same) throw new SetUpRefused(`there is a school of this name already: ${same.id}`);
  const id = randomUUID();
  const newRecoveryKey = await ensureKeysOfSchool(schoolConfig(config, id));
  const database = open.ofSchool(id);
  const event = {
    action: 'school.opened',
    outcome: 'done',
    object: { kind: 'school', id },
    details: { again: false },
  } as const;
  await database.transact(caller, async (tx) => {
    await tx.db.school.create({ data: { name } });
    await tx.log(event);
  });
  await choosePermissionRules({ database, clock: () => new Date() }, caller, { preset });
  await open.transact(caller, (tx) => tx.log(event));
  return { id, newRecoveryKey };
}

/**
 * Closes a school, or opens it again. A closed one is kept, with its retention; nobody signs in, sessions and API tokens have
 * ended, and links lead nowhere. The first school stays open: what happens to the installation is on its log.
 * @throws SetUpRefused for one that is not there, and for the first one.
 */
export async function closeSchool(
  open: OpenDatabase,
  { id, isClosed, clock }: { readonly id: Id; readonly isClosed: boolean; readonly clock: () => Date },
): Promise<void> {
  await assertThere(open, id);
  const { homeSchoolId } = await open.read.installation.findFirstOrThrow();
  if (id === homeSchoolId) throw new SetUpRefused('the first school of an installation cannot be closed');
  const object = { kind: 'school', id };
  const database = open.ofSchool(id);
  const done = await database.transact(caller, async (tx) => {
    const data = { closedAt: isClosed ? clock() : null };
    const { count } = await tx.db.school.updateMany({ where: { closedAt: isClosed ? null : { not: null } }, data });
    if (count === 0) return null;
    const sessions = isClosed ? await tx.db.session.deleteMany({}) : { count: 0 };
    const tokens = isClosed
      ? await tx.db.apiToken.updateMany({ where: { revokedAt: null }, data: { revokedAt: clock() } })
      : { count: 0 };
    const ended = { sessions: sessions.count, tokens: tokens.count };
    const event: AuditEvent = isClosed
      ? { action: 'school.closed', outcome: 'done', object, details: ended }
      : { action: 'school.opened', outcome: 'done', object, details: { again: true } };
    await tx.log(event);
    return event;
  });
  if (done === null) throw new SetUpRefused(`the school ${id} is ${isClosed ? 'closed' : 'open'} already`);
  await open.transact(caller, (tx) => tx.log(done));
}

/** @throws SetUpRefused for an id that is none of a school here, and for one that was taken out. */
export async function assertThere(open: OpenDatabase, id: string): Promise<void> {
  if (!(await figuresOf(open)).some((school) => school.id === id))
    throw new SetUpRefused(`there is no school ${id}: --schools lists them`);
  if (await isTakenOut(open, id))
    throw new SetUpRefused(`the school ${id} was taken out, and goes on in another installation (docs/backup.md)`);
}

const isTakenOut = async (open: OpenDatabase, id: Id): Promise<boolean> =>
  (await open.ofSchool(id).read.school.count({ where: { takenOutAt: { not: null } } })) > 0;

interface Figures {
  readonly id: Id;
  readonly name: string;
  readonly closedAt: Date | null;
  readonly staff: bigint;
  readonly recordings: bigint;
  readonly bytes: bigint;
  readonly lastUploadAt: Date | null;
}

const figuresOf = (open: OpenDatabase): Promise<Figures[]> =>
  open.read.$queryRaw<Figures[]>`SELECT * FROM school_figures()`;

/** A line for each school: figures, never people or media. */
export async function describeSchools(open: OpenDatabase): Promise<string[]> {
  const day = (at: Date) => at.toISOString().slice(0, 10);
  const lines: string[] = [];
  for (const { id, name, closedAt, staff, recordings, bytes, lastUploadAt } of await figuresOf(open)) {
    const parts = [
      `${id}  ${name}`,
      `staff ${staff}, recordings ${recordings}, stored ${(Number(bytes) / 1024 ** 3).toFixed(2)} GiB`,
      `last upload ${lastUploadAt ? day(lastUploadAt) : 'never'}`,
      ...(closedAt ? [`closed ${day(closedAt)}`] : []),
      ...((await isTakenOut(open, id)) ? ['taken out: it goes on in another installation'] : []),
    ];
    lines.push(parts.join('; '));
  }
  return lines;
}
