import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Outside } from '../ports/outside.ts';
import { findLink, whyNotWatchable } from './watchable-link.ts';

/** Which link a token belongs to, if it may be watched now; counted as a use of it. @throws Refusal `LINK_NOT_VALID`. */
export async function openLink(outside: Pick<Outside, 'database' | 'clock'>, token: string): Promise<{ linkId: Id }> {
  const link = await findLink(outside, token);
  const refusal = await whyNotWatchable(outside, link);
  if (refusal) throw refusal;
  const { id } = mustHave(link, 'link that may be watched');
  await outside.database.read.viewerLink.update({
    where: { id },
    data: { timesUsed: { increment: 1 }, lastUsedAt: outside.clock() },
  });
  return { linkId: id };
}
