import { endWithin } from '../../domain/captions/fit-cues.ts';
import type { Id } from '../../domain/ids.ts';
import type { RenditionCaptions } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { currentOf, findCaptions } from './find-captions.ts';
import { openCues } from './sealed-captions.ts';

/** The text of every language that has captions now, as far as the recording goes. */
export async function captionsInForce(
  outside: Pick<Outside, 'database' | 'objects' | 'keyring'>,
  recordingId: Id,
  durationMs: number,
): Promise<RenditionCaptions[]> {
  const found: RenditionCaptions[] = [];
  for (const row of await findCaptions(outside.database.read, recordingId)) {
    const version = currentOf(row);
    if (version === null) continue;
    const cues = endWithin(await openCues(outside, version.sealed), durationMs);
    found.push({ language: row.language, cues, showsSpeakers: version.showsSpeakers });
  }
  return found;
}
