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

/** Every row of the database as it was at one moment. */
export interface DatabaseSnapshot {
  readonly at: Date;
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

/** Takes copies of one database. */
export interface DatabaseCopier {
  /** Until `release` nobody else takes a copy. Null: somebody does at this moment. */
  hold(): Promise<{ release(): Promise<void> } | null>;
  snapshot(): Promise<DatabaseSnapshot>;
}

/** A dump that this version cannot load; the message says where, and no row. */
export class DumpRefused extends Error {
  override readonly name = 'DumpRefused';
}
