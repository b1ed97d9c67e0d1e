import { type AttendanceToCover, presences, voiceOf } from '../../domain/attendance/coverage.ts';
import { type Interval, readIntervals } from '../../domain/attendance/interval.ts';
import {
  proposeRemovals,
  type RemovalWay,
  readRemovalEvidence,
  uncoveredParts,
  wayOf,
} from '../../domain/attendance/remove-person.ts';
import { spokeBy, type Voice } from '../../domain/attendance/voice.ts';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Transaction } from '../ports/database.ts';

/** Somebody who goes from a recording. */
export interface RemovedPerson {
  readonly recordingId: Id;
  readonly personId: Id;
  readonly name: string;
  /** Null: as the reports allow. */
  readonly how: RemovalWay | null;
  /** The recording, as instants. */
  readonly time: Interval;
}

/** Keys of findings that are parts of one person begin with this. */
const keyOf = (personId: Id): string => `attendance:${personId}:`;

/** The person of a part that has to go, by the key of its finding. */
export const personOfKey = (key: string): Id => mustHave(key.split(':')[1], 'person in the key of a part');

/** What sound files say of who is heard in a recording, by the row that each is of. */
export async function readVoices({ db }: Transaction, recordingId: Id): Promise<ReadonlyMap<Id, readonly Voice[]>> {
  const rows = await db.attendeeVoice.findMany({ where: { recordingId } });
  const voices = rows.map(({ rowId, startMs, endMs, heard }) => ({
    rowId,
    covered: { startMs, endMs },
    heard: readIntervals(heard, 'attendee_voice.heard'),
  }));
  return Map.groupBy(voices, ({ rowId }) => rowId);
}

/** The parts of a recording that have to go because of one person, by the reports and the sound files, and how. */
export function partsOf(
  { personId, how, time }: RemovedPerson,
  attendance: AttendanceToCover,
  voices: Awaited<ReturnType<typeof readVoices>>,
) {
  const { lesson } = attendance;
  const cover = {
    ...attendance,
    recorded: [time],
    reports: attendance.reports.map(({ rows, resolutionMs, ...report }) => ({
      ...{ ...report, resolutionMs },
      rows: rows.map((row) => ({
        ...row,
        spoke: spokeBy(row, voices.get(row.key) ?? [], { recording: time, lesson, resolutionMs }),
      })),
    })),
  };
  const presence = presences(cover).find((one) => one.personId === personId)?.intervals ?? [];
  const spoke = voiceOf(personId, cover);
  const way = how ?? wayOf(spoke);
  return { how: way, parts: proposeRemovals(presence, spoke, [time], way) };
}

/**
 * Makes segments of the parts that have to go, without what was proposed for this person before: asking again adds nothing, and
 * decisions stay. Returns how many were added. The caller holds the lock of the recording's lesson.
 */
export async function addParts(
  { db, enqueue }: Transaction,
  { recordingId, personId, name }: RemovedPerson,
  parts: ReturnType<typeof partsOf>['parts'],
): Promise<number> {
  const ofPerson = keyOf(personId);
  const known = await db.finding.findMany({
    where: { recordingId, source: 'attendance', key: { startsWith: ofPerson } },
    select: { startMs: true, endMs: true, evidence: true },
  });
  const proposed = known.map(({ evidence, ...range }) => ({
    kind: readRemovalEvidence(evidence, 'finding.evidence').removal,
    ...range,
  }));
  const added = uncoveredParts(parts, proposed);
  for (const { kind, ...range } of added)
    await db.segment.create({
      data: {
        recordingId,
        ...range,
        findings: {
          create: {
            ...{ recordingId, key: `${ofPerson}${kind}:${range.startMs}-${range.endMs}`, source: 'attendance' },
            ...{ ...range, title: name, confidence: 1 },
            evidence: { removal: kind, person: name },
          },
        },
      },
    });
  if (added.some(({ kind }) => kind === 'cover')) {
    await db.attendeeRemoval.update({
      where: { recordingId_personId: { recordingId, personId } },
      data: { tilesState: 'waiting' },
    });
    await enqueue('find-tiles', { recordingId }, { key: `tiles:${recordingId}` });
  }
  return added.length;
}
