import type { Prisma, PrismaClient } from '../../adapters/prisma/generated/client.ts';
import type { AuditEvent } from '../../domain/audit-event.ts';
import type { JobKind } from '../../domain/job-kind.ts';
import type { Mail } from '../../domain/mail.ts';
import type { Caller } from './caller.ts';

/** Jobs by name, with what each is told; `jobKinds` lists the names. */
export interface Jobs extends Record<JobKind, object> {
  'seal-upload': { uploadId: string };
  'remove-staged': { uploadId: string };
  /** `isHere`: by the worker itself, whatever runners there are. */
  'check-recording': { recordingId: string; isHere?: boolean };
  /** Looks for the tiles of whoever goes from a recording. */
  'find-tiles': { recordingId: string };
  'make-rendition': { recordingId: string };
  'erase-recording': { recordingId: string };
  'erase-person': { personId: string };
  're-seal-recording': { recordingId: string };
  'rewrap-envelopes': Record<string, never>;
  'scrub-objects': Record<string, never>;
  'reconcile-objects': Record<string, never>;
  'sign-digest': Record<string, never>;
  'run-drill': Record<string, never>;
  /** The reader's language by BCP 47; null: every language, for an address without an account. */
  'send-mail': { to: string; language: string | null; mail: Mail };
  /** One mail to one signer; the address and the link are looked up when it goes. */
  'mail-signer': { deliveryId: string };
  /** Seals what signers were shown. */
  'archive-terms': { digest: string };
  'make-receipt': { evidenceId: string };
  'send-password-reset': { email: string; sentById: string | null };
}

/** PostgreSQL. The tables are those of `prisma/schema/`. */
export interface Database {
  /** For reading outside a transaction. */
  readonly read: Omit<PrismaClient, '$transaction' | '$connect' | '$disconnect'>;
  /**
   * Runs `work` in one transaction: state, audit entries and jobs commit together or not at all. No network call
   * belongs inside. A transaction that the database gave up because of another one is retried, so `work` must be
   * repeatable.
   * @throws Refusal `DATABASE_UNAVAILABLE` when the database does not answer, and nothing was committed;
   * `OUTCOME_UNKNOWN` when it went away at the end and did not come back to say what became of it.
   */
  transact<T>(caller: Caller, work: (tx: Transaction) => Promise<T>): Promise<T>;
}

export interface Transaction {
  readonly db: Prisma.TransactionClient;
  /**
   * Appends to the log: the entry is on it when this transaction commits, and has its place in the tree, under a signed
   * checkpoint, within a minute (`oversight/integrate-log.ts`). Entries of one transaction keep their order.
   */
  log(event: AuditEvent): Promise<void>;
  /**
   * Queues a job of this school that starts only if this transaction commits. A waiting job of the same key is replaced; of the jobs of one
   * `queue` only one runs at a time, whatever the process.
   */
  enqueue<Name extends JobKind>(
    name: Name,
    payload: Jobs[Name],
    options?: { key?: string; queue?: string },
  ): Promise<void>;
}
