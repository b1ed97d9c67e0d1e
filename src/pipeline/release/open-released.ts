import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { orNull } from '../../domain/json.ts';
import { readLayout } from '../core/stored-json.ts';
import type { Outside } from '../ports/outside.ts';
import { openPlayback, type Playback } from './open-playback.ts';
import { findLink, whyNotWatchable } from './watchable-link.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock' | 'watched' | 'viewings' | 'watchChecks'>;

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
  // Erased: there is nothing left that could be opened.
  if (rendition.sealed === null || rendition.mediaType === null) throw new Refusal('LINK_NOT_VALID');
  return openPlayback(outside, {
    caller: { actor: { kind: 'viewer', id: link.id }, address },
    sealed: rendition.sealed,
    mediaType: rendition.mediaType,
    durationMs: rendition.durationMs ?? recording.analysedDurationMs ?? recording.declaredDurationMs ?? 0,
    layout: orNull(readLayout)(rendition.layout),
    object: { kind: 'rendition', id: rendition.id, recordingId: recording.id, lessonId: recording.lessonId },
    opened: (tx) => tx.db.viewerLink.update({ where: { id: link.id }, data: { lastUsedAt: outside.clock() } }),
    stillAllowed: async () => whyNotWatchable(outside, await findLink(outside, token)),
    checkedWith: `link ${link.id}`,
  });
}
