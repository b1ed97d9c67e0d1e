import { Refusal } from '../../domain/errors.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { listPasskeys } from './list-passkeys.ts';
import { getPerson } from './person.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings'>;

/** Maximum number of passkeys; nobody has so many devices. */
const mostPasskeys = 20;

/** What the browser asks the person's device for. Nothing is stored. */
export async function beginPasskey({ database, credentials, clock }: Needs, caller: Caller): Promise<object> {
  const person = await getPerson(database, staffIdOf(caller));
  const existing = await listPasskeys({ database }, caller);
  if (existing.length >= mostPasskeys) throw new Refusal('WRONG_STATE');
  return credentials.passkeys.registrationOptions(
    person,
    existing.map(({ id }) => id),
    clock(),
  );
}
