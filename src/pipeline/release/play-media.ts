import { Refusal } from '../../domain/errors.ts';
import { gateReasons } from '../../domain/gate.ts';
import type { Id } from '../../domain/ids.ts';
import type { Audience } from '../../domain/permission.ts';
import { isLinkValid } from '../../domain/release.ts';
import { getGateRecord } from '../lesson/load-lesson.ts';
import type { Caller, OpenSource, Outside, RenditionLayout } from '../ports.ts';
import { openSealed, type SealedRow } from '../sealed-object.ts';
import { whyNotActing } from '../staff/still-acting.ts';
import { announcedStretch, type LoggedSpan, secondOf } from './playlist.ts';
import { digestToken } from './release-recording.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock' | 'watched' | 'viewings'>;

/** Something that may be played now. `source` is closed by whoever asked for it; other requests of the viewing may go on. */
export interface Playback {
  readonly source: OpenSource;
  readonly mediaType: string;
  /** Changes when the bytes do. */
  readonly etag: string;
  /** Of a rendition: where its parts are. Null for an original, and for a rendition from before there were layouts. */
  readonly layout: RenditionLayout | null;
  /**
   * Releases bytes `[start, end)` while playing is still allowed: permission, release and the standing of whoever watches are
   * asked again every second, so that a withdrawal stops what is already running. What was read is on the log before the first byte and after the last.
   */
  read(start: number, end: number, signal: AbortSignal): AsyncGenerator<Uint8Array>;
}

type StillAllowed = () => Promise<Refusal | null>;

/** What a personal link opens, by its token. */
const findLink = ({ database }: Pick<Needs, 'database'>, token: string) =>
  database.read.viewerLink.findUnique({
    where: { tokenDigest: digestToken(token) },
    include: { release: { include: { recording: true, rendition: { include: { sealed: true } } } } },
  });

/** Why a link opens nothing now; null when it does. A viewer is not told which permission is missing. */
async function whyNotWatchable(
  { database, clock }: Pick<Needs, 'database' | 'clock'>,
  link: Awaited<ReturnType<typeof findLink>>,
): Promise<Refusal | null> {
  if (!link || !isLinkValid(link, link.release, clock()) || link.release.recording.state !== 'released')
    return new Refusal('LINK_NOT_VALID');
  const { lesson, permissions } = await getGateRecord(database.read, link.release.recording.lessonId);
  const reasons = gateReasons(lesson, permissions, clock(), {
    kind: 'release',
    audience: link.release.audience as Audience,
  });
  return reasons.length === 0 ? null : new Refusal('LINK_NOT_VALID');
}

/** Which link a token belongs to, if it may be watched now. @throws Refusal `LINK_NOT_VALID`. */
export async function openLink(outside: Pick<Needs, 'database' | 'clock'>, token: string): Promise<{ linkId: Id }> {
  const link = await findLink(outside, token);
  const refusal = await whyNotWatchable(outside, link);
  if (refusal) throw refusal;
  return { linkId: link!.id };
}

/**
 * The released rendition behind a personal link. Policy P1, P9.
 * @throws Refusal `LINK_NOT_VALID` for a token that is missing, unknown, revoked, over or of another link, and when the gate no
 * longer holds.
 */
export async function openReleased(
  outside: Needs,
  address: string | undefined,
  linkId: Id,
  token: string | null,
): Promise<Playback> {
  const link = token === null ? null : await findLink(outside, token);
  if (token === null || link?.id !== linkId) throw new Refusal('LINK_NOT_VALID');
  const { recording, rendition } = link.release;
  return openPlayback(outside, {
    caller: { actor: { kind: 'viewer', id: link.id }, address },
    sealed: rendition.sealed!,
    mediaType: rendition.mediaType!,
    durationMs: rendition.durationMs ?? recording.analysedDurationMs ?? recording.declaredDurationMs ?? 0,
    layout: rendition.layout as unknown as RenditionLayout | null,
    object: { kind: 'rendition', id: rendition.id, recordingId: recording.id, lessonId: recording.lessonId },
    stillAllowed: async () => whyNotWatchable(outside, await findLink(outside, token)),
  });
}

/** The sealed original, for the reviewer. @throws Refusal `NOT_FOUND`, `WRONG_STATE`. */
export async function openOriginal(outside: Needs, caller: Caller, recordingId: Id): Promise<Playback> {
  const { database } = outside;
  const row = await database.read.recording.findUnique({ where: { id: recordingId }, include: { sealed: true } });
  if (!row?.sealed || row.state === 'receiving') throw new Refusal('NOT_FOUND');
  return openPlayback(outside, {
    caller,
    sealed: row.sealed,
    mediaType: row.mediaType ?? 'application/octet-stream',
    durationMs: row.analysedDurationMs ?? row.declaredDurationMs ?? 0,
    layout: null,
    object: { kind: 'recording', id: recordingId, recordingId, lessonId: row.lessonId },
    stillAllowed: () => staffMayPlay(outside, recordingId),
  });
}

/** The rendition that would be released, for whoever reviews or approves. @throws Refusal `RENDITION_NOT_READY`, `WRONG_STATE`. */
export async function openRendition(outside: Needs, caller: Caller, recordingId: Id): Promise<Playback> {
  const row = await outside.database.read.rendition.findFirst({
    where: { recordingId, supersededAt: null, state: 'ready' },
    include: { sealed: true, recording: true },
  });
  if (!row?.sealed) throw new Refusal('RENDITION_NOT_READY');
  return openPlayback(outside, {
    caller,
    sealed: row.sealed,
    mediaType: row.mediaType!,
    durationMs: row.durationMs ?? row.recording.analysedDurationMs ?? 0,
    layout: row.layout as unknown as RenditionLayout | null,
    object: { kind: 'rendition', id: row.id, recordingId, lessonId: row.recording.lessonId },
    stillAllowed: () => staffMayPlay(outside, recordingId),
  });
}

/** A withdrawal stops staff too: nobody watches what is in quarantine. Policy P1. */
export async function staffMayPlay({ database }: Pick<Needs, 'database'>, recordingId: Id): Promise<Refusal | null> {
  const row = await database.read.recording.findUnique({ where: { id: recordingId }, select: { state: true } });
  const may = row !== null && ['sealed', 'in_review', 'cleared', 'approved', 'released'].includes(row.state);
  if (may) return null;
  return new Refusal('WRONG_STATE', {
    reasons: [
      { code: 'NOT_PLAYABLE', tr: 'Kayıt bu durumda izlenemez.', en: 'The recording cannot be watched in this state.' },
    ],
  });
}

/** @throws what `stillAllowed` says: it is asked before anything is opened. */
async function openPlayback(
  outside: Needs,
  play: {
    caller: Caller;
    sealed: SealedRow & { id: Id; mediaSha256: string };
    mediaType: string;
    durationMs: number;
    layout: RenditionLayout | null;
    object: { kind: string; id: Id; recordingId: Id; lessonId: Id };
    stillAllowed: StillAllowed;
  },
): Promise<Playback> {
  const { database, watched, viewings } = outside;
  const { caller, object, layout } = play;
  const { actor } = caller;
  const stillAllowed: StillAllowed = async () => {
    const refusal = (await whyNotActing(outside, caller)) ?? (await play.stillAllowed());
    if (refusal) watched.forget(play.sealed.id);
    return refusal;
  };
  const refusal = await stillAllowed();
  if (refusal) throw refusal;
  // Of one person or link, and of one envelope: what is sealed or wrapped anew is opened anew.
  const viewing = [
    'id' in actor ? `${actor.kind}:${actor.id}` : actor.kind,
    play.sealed.id,
    play.sealed.envelopeSha256,
  ];
  const source = await watched.borrow(viewing.join(' '), play.sealed.id, () => openSealed(outside, play.sealed));
  /** The log says `about`: where in time a byte lies is known roughly. */
  const spanOf = (start: number, end: number): LoggedSpan => {
    const second = (byte: number) =>
      layout ? secondOf(layout, byte) : Math.round((byte / Math.max(1, source.bytes)) * (play.durationMs / 1000));
    return { bytes: [start, end], aboutSeconds: [second(start), second(end)] };
  };
  const note = (event: { opened: LoggedSpan } | { served: LoggedSpan } | { stopped: LoggedSpan }) =>
    database.transact(caller, (tx) =>
      tx.log(
        'opened' in event
          ? { action: 'media.opened', outcome: 'done', object, details: { asked: event.opened } }
          : 'served' in event
            ? { action: 'media.served', outcome: 'done', object, details: { served: event.served } }
            : { action: 'media.stopped', outcome: 'refused', object, details: { served: event.stopped } },
      ),
    );
  /**
   * Segments of a playlist are announced and noted by the minute, any other range by itself: after sixty of these in a minute
   * the whole is announced, so that nobody fills the log with ranges of one byte. What is returned notes how far it came, null
   * when that is noted as stopped.
   */
  const announce = async (start: number, end: number): Promise<(until: number | null) => Promise<void>> => {
    const part = layout && announcedStretch(layout, start, end);
    const stretch = part ?? (viewings.isCrowded(viewing.join(' ')) ? ([0, source.bytes] as const) : null);
    if (!stretch) {
      await note({ opened: spanOf(start, end) });
      return async (until) => {
        if (until !== null) await note({ served: spanOf(start, until) });
      };
    }
    const { leave } = await viewings.enter(
      [...viewing, caller.address, part ? stretch[0] : 'whole'].join(' '),
      () => note({ opened: spanOf(...stretch) }),
      (served) => note({ served: spanOf(...served) }),
    );
    return async (until) => leave([start, until ?? start]);
  };
  return {
    source,
    mediaType: play.mediaType,
    etag: `"${play.sealed.mediaSha256.slice(0, 32)}"`,
    layout,
    async *read(start, end, signal) {
      const noteServed = await announce(start, end);
      let position = start;
      let stopped: Refusal | null = null;
      let askedAt = performance.now();
      try {
        for await (const piece of source.read(start, end, signal)) {
          if (performance.now() - askedAt > 1_000) {
            stopped = await stillAllowed();
            if (stopped) throw stopped;
            askedAt = performance.now();
          }
          yield piece;
          position += piece.length;
        }
      } finally {
        // Broken from outside, because whoever watches may no longer act.
        if (signal.aborted && signal.reason instanceof Refusal) stopped ??= signal.reason;
        await noteServed(stopped ? null : position);
        if (stopped) await note({ stopped: spanOf(start, position) });
      }
    },
  };
}
