import { AsyncLocalStorage } from 'node:async_hooks';

/** Somebody who waits for a client of a school. */
interface Waiting<Client> {
  readonly school: string | null;
  readonly take: (client: Client) => void;
}

/**
 * Clients that are lent out, each for one school at a time. They are dear to make (about 12 MB each), and one of them must
 * not work for two schools at once, since Prisma asks together what is asked for in the same instant. So they are shared
 * within a school, go over to another one when nobody uses them, and there are at most `most`.
 */
export class LentClients<Client extends { school: string | null }> {
  readonly #make: (school: string | null) => Client;
  readonly #most: number;
  readonly #users = new Map<Client, number>();
  readonly #waiting: Waiting<Client>[] = [];
  /** The client that the work which asks now has already. */
  readonly #inHand = new AsyncLocalStorage<Client>();

  /** There from the beginning: for the school of null. */
  readonly first: Client;

  constructor(most: number, make: (school: string | null) => Client) {
    this.#most = most;
    this.#make = make;
    this.first = make(null);
    this.#users.set(this.first, 0);
  }

  get all(): readonly Client[] {
    return [...this.#users.keys()];
  }

  /**
   * Runs `work` with a client of `school`. Whoever waits longest is served first; work that has a client of that school in
   * hand waits for nobody, since others may be waiting for it.
   */
  async lend<T>(school: string | null, work: (client: Client) => Promise<T>): Promise<T> {
    const client = this.#take(school) ?? (await new Promise<Client>((take) => this.#waiting.push({ school, take })));
    try {
      return await this.#inHand.run(client, () => work(client));
    } finally {
      this.#giveBack(client);
    }
  }

  #take(school: string | null): Client | null {
    const inHand = this.#inHand.getStore();
    const isInHand = inHand !== undefined && inHand.school === school && (this.#users.get(inHand) ?? 0) > 0;
    if (this.#waiting.length > 0 && !isInHand) return null;
    const client = isInHand ? inHand : this.#find(school);
    if (client) this.#count(client, 1);
    return client;
  }

  #find(school: string | null): Client | null {
    const clients = this.all;
    const own = clients.find((client) => client.school === school);
    if (own) return own;
    if (clients.length < this.#most) {
      const made = this.#make(school);
      this.#users.set(made, 0);
      return made;
    }
    const idle = clients.find((client) => this.#users.get(client) === 0);
    if (!idle) return null;
    idle.school = school;
    return idle;
  }

  #giveBack(client: Client): void {
    this.#count(client, -1);
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const found = this.#find(next.school);
      if (!found) return;
      this.#waiting.shift();
      this.#count(found, 1);
      next.take(found);
    }
  }

  #count(client: Client, change: 1 | -1): void {
    this.#users.set(client, (this.#users.get(client) ?? 0) + change);
  }
}
