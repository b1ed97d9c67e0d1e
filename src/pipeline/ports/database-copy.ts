import type { Id } from '../../domain/ids.ts';

/** A migration by which the tables were made. */
export interface AppliedMigration {
  readonly name: string;
  readonly checksum: string;
}

/** What the tables look like: rows go back into the same ones. */
export interface TablesMade {
  readonly migrations: readonly AppliedMigration[];
  /** Number of the newest migration of the queue's own tables. */
  readonly queue: number;
}

/** The body of a sealed object, as its row says. */
export interface RecordedBody {
  readonly id: Id;
  readonly bodyKey: string;
  readonly bodySha256: string;
}

/** The rows of one school as they were at one moment, with what belongs to it of the tables of the installation. */
export interface DatabaseSnapshot {
  readonly at: Date;
  readonly school: Id;
  /** The first school of the installation, whose id is that of the installation too. */
  readonly installation: Id;
  /** Every school of the installation. */
  readonly schools: readonly Id[];
  readonly tables: TablesMade;
  /**
   * The rows as a script of SQL, as `pg_dump --data-only` writes it: COPY in text form, and the positions of sequences.
   * It has no definition of a table and nothing else that would be run.
   */
  dump(): AsyncIterable<Uint8Array>;
  /** The bodies that the rows speak of. */
  bodies(): Promise<readonly RecordedBody[]>;
  close(): Promise<void>;
}

/** Takes copies of one school in a database. */
export interface DatabaseCopier {
  /** Until `release` nobody else takes a copy. Null: somebody does at this moment. */
  hold(): Promise<{ release(): Promise<void> } | null>;
  snapshot(): Promise<DatabaseSnapshot>;
}

/** A dump that this version cannot load; the message says where, and no row. */
export class DumpRefused extends Error {
  override readonly name = 'DumpRefused';
}

/** An address was to be changed, and no account of the dump has it. */
export class NoAccount extends Error {
  override readonly name = 'NoAccount';
  readonly email: string;

  constructor(email: string) {
    super(email);
    this.email = email;
  }
}

/** An account of the same e-mail address is there, of which nobody knows whether it is the same person's. */
export class AccountThere extends Error {
  override readonly name = 'AccountThere';
  readonly email: string;

  constructor(email: string) {
    super(email);
    this.email = email;
  }
}
