import { Refusal } from '../../domain/errors.ts';
import { isLinkValid } from '../../domain/release.ts';
import { askForRecording } from '../core/gate-record.ts';
import { digestToken } from '../core/token.ts';
import type { Outside } from '../ports/outside.ts';

/** What a personal link opens, by its token. */
export const findLink = ({ database }: Pick<Outside, 'database'>, token: string) =>
  database.read.viewerLink.findUnique({
    where: { tokenDigest: digestToken(token) },
    include: { release: { include: { recording: true, rendition: { include: { sealed: true } } } } },
  });

/** Why a link opens nothing now; null when it does. A viewer is not told which permission is missing. */
export async function whyNotWatchable(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  link: Awaited<ReturnType<typeof findLink>>,
): Promise<Refusal | null> {
  if (!link || !isLinkValid(link, link.release, clock()) || link.release.recording.state !== 'released')
    return new Refusal('LINK_NOT_VALID');
  const { recordingId, audience } = link.release;
  const { lessonId } = link.release.recording;
  const question = { kind: 'release', audience } as const;
  const reasons = await askForRecording(database.read, { recordingId, lessonId }, clock(), question);
  return reasons.length === 0 ? null : new Refusal('LINK_NOT_VALID');
}
