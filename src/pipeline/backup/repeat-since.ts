import { Refusal } from '../../domain/errors.ts';
import { type Id, staffRoles } from '../../domain/ids.ts';
import { bool, list, object, oneOf, orNull, type Reader, text } from '../../domain/json.ts';
import { erasureReasons } from '../../domain/retention.ts';
import { runnerFaults } from '../../domain/runner.ts';
import { lockLesson } from '../core/gate-record.ts';
import { moveRecording, putBackIntoReview } from '../core/move-recording.ts';
import { setObjection } from '../core/objection.ts';
import { readTombstone, writeTombstone } from '../core/tombstone.ts';
import { personTombstone } from '../people/finish-person-erasure.ts';
import { lockPermission, noteChange } from '../permission/note-answer.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { endRelease } from '../release/end-release.ts';
import { putTombstone } from '../retention/put-tombstone.ts';
import { BackupRefused } from './refusal.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

const caller: Caller = { actor: { kind: 'system', id: 'restore' } };

/** What happened since the backup, by action. */
export interface Since {
  /** Done again: withdrawals, revocations, erasures and the like. */
  readonly repeated: Readonly<Record<string, number>>;
  /** On the log and not in the rows: for people to look at. */
  readonly lost: Readonly<Record<string, number>>;
}

const readEntry = object(
  { id: text, at: text, action: text, outcome: text },
  {
    object: object({ kind: text, id: text }, { recordingId: text, lessonId: text }),
    details: (value: unknown) => value,
  },
);
type Entry = ReturnType<typeof readEntry>;

/** Whether the change was made: what it is about may be newer than the backup, or be so already. */
type Repeat = (outside: Needs, entry: Entry, id: Id) => Promise<boolean>;

/**
 * Does again what took something away since the backup, in the order of the log: nobody may reach through an older database
 * what was out of reach already. What gave something (a permission, a link, an account) is lost and only counted. Repeatable.
 * @throws BackupRefused `NEWER_BACKUP`.
 */
export async function repeatSince(
  outside: Needs,
  {
    after,
    until,
    known,
    newerThan,
  }: {
    readonly after: number;
    readonly until: number;
    /** Entries, by their ids, that had no place yet and whose rows are there. */
    readonly known: ReadonlySet<string>;
    /** The log may not speak of a backup after this one; null: it may. */
    readonly newerThan: string | null;
  },
): Promise<Since> {
  const { database } = outside;
  if (newerThan !== null) await assertNewest(outside, after, newerThan);
  const repeated: Record<string, number> = {};
  const lost: Record<string, number> = {};
  const count = (into: Record<string, number>, action: string) => {
    into[action] = (into[action] ?? 0) + 1;
  };
  for (let from = BigInt(after); ; ) {
    const rows = await database.read.auditEntry.findMany({
      where: { seq: { gt: from, lte: until }, outcome: 'done' },
      orderBy: { seq: 'asc' },
      take: 500,
      select: { seq: true, text: { select: { canonical: true } } },
    });
    for (const row of rows) {
      const entry = readEntry(JSON.parse(row.text.canonical));
      if (known.has(entry.id)) continue;
      const repeat = repeats[entry.action];
      if (repeat === undefined) {
        if (!harmless.test(entry.action)) count(lost, entry.action);
        continue;
      }
      const id = entry.object === undefined ? null : await idOf(outside, entry.object.id);
      // Somebody whom the log named for the first time since the backup cannot be told from their pseudonym.
      if (id === null) count(lost, entry.action);
      else if (await repeat(outside, entry, id)) count(repeated, entry.action);
    }
    const last = rows.at(-1);
    if (!last || rows.length < 500) return { repeated, lost };
    from = last.seq;
  }
}

/** Entries that changed no row that anybody would miss. */
const harmless =
  /^(system\.|audit\.|media\.|keys\.|scrub\.|store\.|backup\.|drill\.|job\.|request\.|gate\.|certificate\.|mail\.|school\.taken_out|segment\.(shown|looked_up)|recording\.(overview_shown|exported|erasure_finished|expired)|captions\.shown|person\.(shown|exported|erasure_finished)|permission\.(viewed|document_read|receipt_read)|signer\.receipt_read|staff\.(signed_in|signed_out|confirmed|code_asked|sign_in_failed))/;

async function assertNewest({ database }: Needs, after: number, backup: string): Promise<void> {
  const newer = await database.read.auditEntry.findFirst({
    where: { seq: { gt: after }, action: 'backup.made', objectId: { gt: backup } },
    orderBy: { seq: 'desc' },
    select: { objectId: true },
  });
  if (newer !== null) throw new BackupRefused('NEWER_BACKUP', { id: newer.objectId ?? '' });
}

/** People stand on the log under pseudonyms; those of whom the backup knows have a row. */
async function idOf({ database }: Needs, id: string): Promise<Id | null> {
  if (!id.startsWith('person-')) return id;
  return (await database.read.personKey.findUnique({ where: { pseudonym: id }, select: { id: true } }))?.id ?? null;
}

/** A change that is refused is one that there is nothing left of to make. */
async function unlessRefused(work: Promise<unknown>): Promise<boolean> {
  try {
    return (await work) !== false;
  } catch (error) {
    if (error instanceof Refusal && ['NOT_FOUND', 'STATE_CHANGED', 'WRONG_STATE'].includes(error.code)) return false;
    throw error;
  }
}

const inTransaction =
  (work: (tx: Transaction, entry: Entry, id: Id, at: Date, outside: Needs) => Promise<boolean>): Repeat =>
  (outside, entry, id) =>
    unlessRefused(outside.database.transact(caller, (tx) => work(tx, entry, id, outside.clock(), outside)));

const takenBack = (status: 'withdrawn' | 'refused' | 'invalidated') =>
  inTransaction(async (tx, _, id, at) => {
    const before = await lockPermission(tx, id);
    if (before.status !== 'granted' && !(before.status === 'requested' && status === 'refused')) return false;
    const row = await tx.db.permission.update({ where: { id }, data: { status } });
    await noteChange(tx, caller, row, status, at);
    return true;
  });

const readErased = object({ why: text });
const readRunnerFault = object({ why: oneOf(runnerFaults) });
const readReasons = object({ reasons: list(object({ code: text })) });
const readRoles = object({ roles: list(oneOf(staffRoles)) });
const readDisabled = object({ disabled: bool });
const readObjection = object({ participant: text, guardian: orNull(text) });
const said = <T>(read: Reader<T>, { details }: Entry): T => read(details, 'details of an entry');

const repeats: Readonly<Record<string, Repeat>> = {
  'permission.withdrawn': takenBack('withdrawn'),
  'permission.refused': takenBack('refused'),
  'permission.invalidated': takenBack('invalidated'),
  'lesson.objected': async (outside, entry, lessonId) => {
    const { participant, guardian } = said(readObjection, entry);
    const participantId = await idOf(outside, participant);
    const guardianId = guardian === null ? null : await idOf(outside, guardian);
    if (participantId === null || (guardian !== null && guardianId === null)) return false;
    return unlessRefused(
      outside.database.transact(caller, async (tx) => {
        await lockLesson(tx.db, lessonId);
        const row = await tx.db.participant.findUnique({ where: { id: participantId } });
        if (!row) return false;
        const { personId } = row;
        await setObjection(tx, { lessonId, participantId, personId, guardianId, isLifted: false, at: outside.clock() });
        return true;
      }),
    );
  },
  'link.revoked': inTransaction(async (tx, _, id, revokedAt) => {
    const { count } = await tx.db.viewerLink.updateMany({ where: { id, revokedAt: null }, data: { revokedAt } });
    return count > 0;
  }),
  'signer.link_revoked': inTransaction(async (tx, _, id, revokedAt) => {
    const { count } = await tx.db.signerLink.updateMany({ where: { id, revokedAt: null }, data: { revokedAt } });
    return count > 0;
  }),
  'token.revoked': inTransaction(async (tx, _, id, revokedAt) => {
    const { count } = await tx.db.apiToken.updateMany({ where: { id, revokedAt: null }, data: { revokedAt } });
    return count > 0;
  }),
  'runner.disabled': inTransaction(async (tx, entry, id, at) => {
    const { why } = said(readRunnerFault, entry);
    const { count } = await tx.db.runner.updateMany({
      where: { id, disabledAt: null },
      data: { disabledAt: at, disabledWhy: why },
    });
    return count > 0;
  }),
  'runner.removed': inTransaction(async (tx, _, id) => (await tx.db.runner.deleteMany({ where: { id } })).count > 0),
  'staff.invitation_revoked': inTransaction(async (tx, _, id, revokedAt) => {
    const open = { id, revokedAt: null, acceptedAt: null };
    return (await tx.db.invitation.updateMany({ where: open, data: { revokedAt } })).count > 0;
  }),
  'staff.disabled': inTransaction(async (tx, entry, id, at) => {
    const { disabled } = said(readDisabled, entry);
    const { count } = await tx.db.user.updateMany({ where: { id }, data: { disabledAt: disabled ? at : null } });
    if (disabled) await tx.db.apiToken.updateMany({ where: { userId: id, revokedAt: null }, data: { revokedAt: at } });
    return count > 0;
  }),
  'staff.roles_changed': inTransaction(async (tx, entry, id) => {
    const { roles: given } = said(readRoles, entry);
    // Who became an authority where this school was the first one is none here.
    const [row] = await tx.db.$queryRaw<{ isFirst: boolean }[]>`
      SELECT current_school() = "homeSchoolId" AS "isFirst" FROM installation`;
    const roles = row?.isFirst ? given : given.filter((role) => role !== 'authority');
    return (await tx.db.user.updateMany({ where: { id }, data: { roles } })).count > 0;
  }),
  'recording.quarantined': inTransaction(async (tx, entry, id) => {
    const { reasons } = said(readReasons, entry);
    // A code that this version does not know would be shown as nothing: that it is out of reach is what counts.
    const stateCodes = [...new Set(reasons.map(({ code }) => code))] as never[];
    await moveRecording(tx, id, 'quarantine', { stateCodes });
    return true;
  }),
  'recording.reopened': inTransaction(async (tx, _, id, at) => {
    await putBackIntoReview(tx, id, 'reopen_review', at);
    return true;
  }),
  'recording.rejected': inTransaction(async (tx, _, id) => {
    await moveRecording(tx, id, 'reject');
    return true;
  }),
  'recording.release_ended': (outside, _, id) => unlessRefused(endRelease(outside, caller, id)),
  // The tombstone is written before anything goes from the store: where it is missing, the log's word stands in for it.
  'recording.erased': async (outside, entry, recordingId) => {
    if ((await readTombstone(outside, recordingId)) !== null) return true;
    const { why } = said(readErased, entry);
    if (!erasureReasons.some((reason) => reason === why))
      throw new BackupRefused('ERASED_UNKNOWN', { id: recordingId });
    await putTombstone(outside, { recordingId, why, startedAt: new Date(entry.at) });
    return true;
  },
  'person.erased': async (outside, entry, personId) => {
    const name = personTombstone(personId);
    if ((await readTombstone(outside, name)) !== null) return true;
    const { why } = said(readErased, entry);
    const statement = { kind: 'emanet.person_tombstone', v: 1, personId, why, erasedAt: entry.at };
    await writeTombstone(outside, name, statement);
    return true;
  },
};
