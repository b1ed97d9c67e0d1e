import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';
import { findLink, whyNotWatchable } from './watchable-link.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock' | 'watched' | 'viewings'>;

/** Which link a token belongs to, if it may be watched now. @throws Refusal `LINK_NOT_VALID`. */
export async function openLink(outside: Pick<Needs, 'database' | 'clock'>, token: string): Promise<{ linkId: Id }> {
  const link = await findLink(outside, token);
  const refusal = await whyNotWatchable(outside, link);
  if (refusal) throw refusal;
  return { linkId: link!.id };
}
