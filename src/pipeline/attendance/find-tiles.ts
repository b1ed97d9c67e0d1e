import type { Finding } from '../../adapters/prisma/generated/client.ts';
import { enlarged } from '../../detection/enlarge.ts';
import type { Box, GreyPicture } from '../../detection/picture-hash.ts';
import type { ReadLine } from '../../detection/text/read-line.ts';
import { createTileTracker, type TileStretch } from '../../detection/tiles/tile-tracker.ts';
import { type CoverPiece, coverPieces, type ShownTile } from '../../domain/attendance/cover-pieces.ts';
import type { Interval } from '../../domain/attendance/interval.ts';
import { readRemovalEvidence } from '../../domain/attendance/remove-person.ts';
import { createLabelMatcher, isSameMatch, type WantedPerson } from '../../domain/attendance/tile-name.ts';
import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../core/gate-record.ts';
import { openSealed } from '../core/sealed-object.ts';
import { storableText } from '../core/storable.ts';
import { readProbe } from '../core/stored-json.ts';
import type { Caller } from '../ports/caller.ts';
import type { Database, Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import type { FaceFinding, TextReader, TextReading } from '../ports/readers.ts';
import { readAttendancePeople } from './attendance-people.ts';
import { personOfKey } from './removal-parts.ts';
import { readAttendanceOf } from './settle-lesson.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'media' | 'textReader' | 'faceFinder' | 'keyring'>;
type Db = Database['read'] | Transaction['db'];

const caller: Caller = { actor: { kind: 'system', id: 'tile-search' } };

/** Labels of 16 pixels in a picture of 1920 can be read; in a smaller one they cannot. */
const pageWidth = 1_920;
const secondsPerPage = 1;
/** Pictures this far outside of what has to be covered are looked at, too: a tile is there before. Milliseconds. */
const besideMs = 3_000;

/** A reader that fails more often has a fault that another try of the job may be without. */
const mostUnread = 20;
/** Faces are counted this often. Milliseconds. */
const countEveryMs = 5_000;
/** A face of a tile is wide enough to be found in a picture of this width. Pixels. */
const countWidth = 640;

/** A part of a recording in which somebody has to be covered, and nobody has decided yet. */
interface OpenCover extends Interval {
  readonly segmentId: Id;
  readonly personId: Id;
  readonly name: string;
}

/**
 * Looks for the tiles of people who go from a recording, by the names on them, and proposes where to cover: each part of a
 * recording in which somebody has to be covered is replaced by one for each place of their tile, and by parts in which none
 * was found. A person confirms each. Nothing is read for anybody else and no face is recognised. Parts that were decided, or
 * had been, stay as they are. Repeatable. Policy P1; design, section 8.
 */
export async function findTilesOf(outside: Needs, recordingId: Id, signal: AbortSignal): Promise<void> {
  const { database } = outside;
  const looked = coveredIn(recordingId);
  const row = await database.read.recording.findUnique({ where: { id: recordingId }, include: { sealed: true } });
  const covers = await openCovers(database.read, recordingId);
  // Erased, rejected or decided since the job was queued: nothing to do.
  if (!row?.sealed || covers.length === 0) {
    await database.read.attendeeRemoval.updateMany({ where: looked, data: { tilesState: 'done' } });
    return;
  }
  await database.read.attendeeRemoval.updateMany({ where: looked, data: { tilesState: 'running' } });
  const match = await matcherOf(database.read, row.lessonId, covers);
  const probe = readProbe(row.probe);
  const source = await openSealed(outside, row.sealed, signal);
  const labels = createLabelReader(outside.textReader, signal);
  const faces = outside.faceFinder.open();
  const counted: { readonly atMs: number; readonly faces: number }[] = [];
  const shown = probe.streams.find(
    ({ kind, stillPicture, decodable }) => kind === 'video' && decodable && !stillPicture,
  );
  const tracker = createTileTracker(labels.read, match, isSameMatch);
  let size = { width: 1, height: 1 };
  try {
    const page = (stream: number) => async (picture: GreyPicture, atMs: number) => {
      const isWanted = covers.some(({ startMs, endMs }) => atMs >= startMs - besideMs && atMs <= endMs + besideMs);
      if (stream !== shown?.index || !isWanted) return;
      size = picture;
      await tracker.push(picture, atMs);
      if (atMs < (counted.at(-1)?.atMs ?? -countEveryMs) + countEveryMs) return;
      counted.push({ atMs, faces: await facesOutside(faces, picture, tracker.named()) });
    };
    const { analysedDurationMs } = await outside.media.analyse(source, probe, {
      signal,
      watcher: { page, pageWidth, secondsPerPage },
    });
    const stretches = tracker.end(analysedDurationMs);
    await database.transact(caller, async (tx) => {
      await lockLesson(tx.db, row.lessonId);
      const now = await openCovers(tx.db, recordingId);
      let [pieces, withoutTile] = [0, 0];
      for (const cover of now) {
        const tiles = stretches.filter(({ name }) => name !== 'other' && name.personId === cover.personId);
        const parts = coverPieces(
          cover,
          tiles.map((tile) => toShown(tile, size)),
        );
        pieces += parts.length;
        withoutTile += parts.filter(({ tile }) => tile === null).length;
        await replace(
          tx,
          recordingId,
          cover,
          parts.map((part) => ({ ...part, faces: mostFaces(part, counted) })),
        );
      }
      await tx.db.attendeeRemoval.updateMany({ where: looked, data: { tilesState: 'done' } });
      await tx.log({
        action: 'recording.tiles_looked_for',
        outcome: 'done',
        object: { kind: 'recording', id: recordingId, recordingId, lessonId: row.lessonId },
        details: {
          persons: [...new Set(now.map(({ personId }) => personId))].map((id) => ({ person: 'person' as const, id })),
          segments: pieces,
          withoutTile,
        },
      });
    });
  } finally {
    await faces.close();
    await labels.close();
    source.close();
  }
}

/** People of whom something is covered. Of those who are cut nothing is looked for. */
const coveredIn = (recordingId: Id) => ({ recordingId, tilesState: { not: null } });

/** The last try failed: what has to be covered stays one part, and whoever reviews it is told that nothing was looked for. */
export async function noteTilesFailed(
  { database }: Pick<Needs, 'database'>,
  recordingId: Id,
  why: string,
): Promise<void> {
  await database.transact(caller, async (tx) => {
    await tx.db.attendeeRemoval.updateMany({ where: coveredIn(recordingId), data: { tilesState: 'failed' } });
    await tx.log({
      action: 'recording.tiles_looked_for',
      outcome: 'failed',
      object: { kind: 'recording', id: recordingId, recordingId },
      details: { why },
    });
  });
}

/** Parts to cover that were never decided, and are not places of a tile already. */
async function openCovers(db: Db, recordingId: Id): Promise<OpenCover[]> {
  const segments = await db.segment.findMany({
    where: { recordingId, decisions: { none: {} }, findings: { some: { source: 'attendance' } } },
    orderBy: [{ startMs: 'asc' }, { id: 'asc' }],
    include: { findings: true },
  });
  return segments.flatMap(({ id, startMs, endMs, findings }): OpenCover[] => {
    const [finding, other]: Finding[] = findings;
    if (finding === undefined || other !== undefined) return [];
    const { removal, person, tile } = readRemovalEvidence(finding.evidence, 'finding.evidence');
    if (removal !== 'cover' || tile !== undefined) return [];
    return [{ segmentId: id, personId: personOfKey(finding.key), name: person, startMs, endMs }];
  });
}

/** Reads labels. One that could not be read is tried again, and nobody's tile is proposed by it until then. */
function createLabelReader(reader: TextReader, signal: AbortSignal) {
  let opening: Promise<TextReading> | null = null;
  let unread = 0;
  return {
    async read(picture: GreyPicture): Promise<readonly ReadLine[]> {
      opening ??= reader.open({ signal });
      const reading = await opening;
      try {
        return await reading.read(picture);
      } catch (error) {
        signal.throwIfAborted();
        unread += 1;
        if (unread > mostUnread) throw error;
        return [];
      }
    },
    /** Ends a process that is just starting too: it would stay for hours. One that could not start has ended. */
    close: async () => (await opening?.catch(() => null))?.close(),
  };
}

/** Whose labels are looked for: by their names, and by the names of the rows that somebody decided are theirs. */
async function matcherOf(db: Db, lessonId: Id, covers: readonly OpenCover[]) {
  const { rows, lesson } = await readAttendanceOf(db, lessonId);
  const people = await readAttendancePeople(db, lesson, []);
  const wanted = new Map<Id, WantedPerson & { names: string[] }>();
  for (const { personId, name } of covers) wanted.set(personId, { id: personId, names: [name] });
  const others: string[] = [];
  for (const { name, originalName, decision, state, personIds, candidates } of rows) {
    const shownNames = originalName === null ? [name] : [name, originalName];
    // Whose a row is without a decision, as for the gate: an address of the school says it.
    const [only, second] = decision === null ? (state === 'identified' ? candidates : []) : personIds;
    const person = only === undefined || second !== undefined ? undefined : wanted.get(only);
    if (person === undefined) others.push(...shownNames);
    else person.names.push(...shownNames);
  }
  for (const { id, name } of people) if (!wanted.has(id)) others.push(name);
  return createLabelMatcher([...wanted.values()], others);
}

function toShown({ box, label, startMs, endMs }: TileStretch<unknown>, { width, height }: GreySize): ShownTile {
  const region = { x: box.x / width, y: box.y / height, width: box.width / width, height: box.height / height };
  return { region, label, startMs, endMs };
}

/** Faces that lie in no tile with a name: perhaps somebody who goes, in a tile that was not read. */
async function facesOutside(finding: FaceFinding, picture: GreyPicture, named: readonly Box[]): Promise<number> {
  const scale = Math.min(1, countWidth / picture.width);
  const found = await finding.find(enlarged(picture, { x: 0, y: 0, ...picture }, scale));
  const isIn = (box: Box, x: number, y: number) =>
    x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
  return found.filter(({ x, y, width, height }) => {
    const [middle, centre] = [(x + width / 2) / scale, (y + height / 2) / scale];
    return !named.some((box) => isIn(box, middle, centre));
  }).length;
}

const mostFaces = (part: Interval, counted: readonly { readonly atMs: number; readonly faces: number }[]): number =>
  Math.max(0, ...counted.filter(({ atMs }) => atMs >= part.startMs && atMs < part.endMs).map(({ faces }) => faces));

type GreySize = Pick<GreyPicture, 'width' | 'height'>;

async function replace(
  tx: Transaction,
  recordingId: Id,
  cover: OpenCover,
  parts: readonly (CoverPiece & { readonly faces: number })[],
): Promise<void> {
  // Nothing was found: the part stays as it is.
  if (parts.every(({ tile, faces }) => tile === null && faces === 0)) return;
  await tx.db.finding.deleteMany({ where: { segmentId: cover.segmentId } });
  await tx.db.segment.delete({ where: { id: cover.segmentId } });
  for (const [at, { startMs, endMs, tile, faces }] of parts.entries())
    await tx.db.segment.create({
      data: {
        ...{ recordingId, startMs, endMs },
        findings: {
          create: {
            ...{ recordingId, source: 'attendance', startMs, endMs, title: cover.name, confidence: 1 },
            key: `attendance:${cover.personId}:cover:${cover.startMs}-${cover.endMs}:${at}`,
            evidence: {
              ...{ removal: 'cover', person: cover.name },
              ...(tile === null ? {} : { tile: { ...tile.region }, label: storableText(tile.label) }),
              ...(faces === 0 ? {} : { faces }),
            },
          },
        },
      },
    });
}
