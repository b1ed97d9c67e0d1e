import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { beginScrubWhenDue } from './begin-scrub.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'logSigner' | 'clock' | 'settings'>;

/** Begins a pass now, when none is under way. */
export async function startScrub(outside: Needs, caller: Caller): Promise<void> {
  await beginScrubWhenDue(outside, true);
  await outside.database.transact(caller, (tx) => tx.log({ action: 'scrub.started', outcome: 'done' }));
}
