import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';
import { type CaptionsRow, findCaptions } from './find-captions.ts';

/** The captions of a recording, by language, with their versions: no text. */
export async function listCaptions({ database }: Pick<Outside, 'database'>, recordingId: Id) {
  return (await findCaptions(database.read, recordingId)).map(viewCaptions);
}

export function viewCaptions({ id, language, current, versions }: CaptionsRow) {
  return {
    id,
    language,
    version: current,
    versions: versions.map(({ number, source, format, showsSpeakers, cues, createdById, createdAt }) => ({
      number,
      source,
      format,
      showsSpeakers,
      cues,
      createdById,
      createdAt,
    })),
  };
}
