import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { openSealed, type SealedRow } from '../core/sealed-object.ts';
import { whyNotActing } from '../core/still-acting.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { OpenSource, RenditionLayout } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { announcedStretch, type LoggedSpan, secondOf } from './playlist.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock' | 'watched' | 'viewings' | 'watchChecks'>;

/** Media that may be played now. The caller closes `source`; other requests of the viewing may go on. */
export interface Playback {
  readonly source: OpenSource;
  readonly mediaType: string;
  /** Changes when the bytes do. */
  readonly etag: string;
  /** Of a rendition: where its parts are. Null for an original, and for a rendition from before there were layouts. */
  readonly layout: RenditionLayout | null;
  /**
   * Releases bytes `[start, end)` while playing is still allowed: permission and release are checked again every second, so
   * that a withdrawal stops what is already running; `signal` aborts when the caller may no longer act. What was read is on
   * the log before the first byte and after the last.
   */
  read(start: number, end: number, signal: AbortSignal): AsyncGenerator<Uint8Array>;
}

type StillAllowed = () => Promise<Refusal | null>;

/** @throws what `stillAllowed` says: it is asked before anything is opened. */
export async function openPlayback(
  outside: Needs,
  play: {
    caller: Caller;
    sealed: SealedRow & { id: Id; mediaSha256: string };
    mediaType: string;
    durationMs: number;
    layout: RenditionLayout | null;
    object: { kind: string; id: Id; recordingId: Id; lessonId: Id };
    stillAllowed: StillAllowed;
    /** Names what `stillAllowed` asks about: the same name, the same answer. */
    checkedWith: string;
    /** What else changes when the log says that it was opened. */
    opened?: (tx: Transaction) => Promise<unknown>;
  },
): Promise<Playback> {
  const { database, watched, viewings, watchChecks } = outside;
  const { caller, object, layout } = play;
  const { actor } = caller;
  const refusal = (await whyNotActing(outside, caller)) ?? (await play.stillAllowed());
  if (refusal) {
    watched.forget(play.sealed.id);
    throw refusal;
  }
  // Of one person or link, and of one envelope: what is sealed or wrapped again is opened again.
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
    database.transact(caller, async (tx) => {
      if ('opened' in event) await play.opened?.(tx);
      await tx.log(
        'opened' in event
          ? { action: 'media.opened', outcome: 'done', object, details: { asked: event.opened } }
          : 'served' in event
            ? { action: 'media.served', outcome: 'done', object, details: { served: event.served } }
            : { action: 'media.stopped', outcome: 'refused', object, details: { served: event.stopped } },
      );
    });
  /**
   * Segments of a playlist are announced and noted by the minute, any other range by itself: after sixty of these in a
   * minute the whole is announced, so that nobody fills the log with ranges of one byte. The returned function logs how
   * far it came; null if that is logged as stopped.
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
      const check = watchChecks.watch(play.checkedWith, play.stillAllowed);
      try {
        for await (const piece of source.read(start, end, signal)) {
          stopped = await check.whyNot();
          if (stopped) throw stopped;
          yield piece;
          position += piece.length;
        }
      } finally {
        check.leave();
        // Broken from outside, because the viewer may no longer act.
        if (signal.aborted && signal.reason instanceof Refusal) stopped ??= signal.reason;
        if (stopped) watched.forget(play.sealed.id);
        await noteServed(stopped ? null : position);
        if (stopped) await note({ stopped: spanOf(start, position) });
      }
    },
  };
}
