import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/** For whom children run: somebody who waits for an answer, or a job of the queue, which nobody waits for. */
export type Urgency = 'person' | 'job';

/** One request or one job. All children that it starts share its turn. */
export interface Party {
  readonly id: string;
  readonly urgency: Urgency;
}

const parties = new AsyncLocalStorage<Party>();

/** Does `work` as one party. Every child that is run meanwhile counts as one turn, however many run at once. */
export const asOneParty = <T>(urgency: Urgency, work: () => T): T => parties.run({ id: randomUUID(), urgency }, work);

/** Outside of any request or job, each child is a party of its own. */
export const currentParty = (): Party => parties.getStore() ?? { id: randomUUID(), urgency: 'person' };
