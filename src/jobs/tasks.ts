import type { ReportFlaw } from '../domain/delivery-report.ts';
import { isUnavailable, Refusal } from '../domain/errors.ts';
import { isLanguage, languageTags } from '../domain/language.ts';
import { keepReasons } from '../domain/reason.ts';
import { mailText } from '../language/mail-text.ts';
import { signerMail } from '../language/signer-mail.ts';
import { findTilesOf, noteTilesFailed } from '../pipeline/attendance/find-tiles.ts';
import { beginDrillWhenDue } from '../pipeline/backup/begin-drill.ts';
import { retryWhileAway } from '../pipeline/core/retry-while-away.ts';
import { noteSealingFailed } from '../pipeline/intake/note-sealing-failed.ts';
import { removeStaged } from '../pipeline/intake/remove-staged.ts';
import { sealUpload } from '../pipeline/intake/seal-upload.ts';
import { sweepUploads } from '../pipeline/intake/sweep-uploads.ts';
import { endEpochs } from '../pipeline/keys/end-epochs.ts';
import { beginRewrapWhenDue, rewrapEnvelopes } from '../pipeline/keys/rewrap-envelopes.ts';
import { alertOfAnomalies } from '../pipeline/oversight/alert-anomalies.ts';
import { beginScrubWhenDue } from '../pipeline/oversight/begin-scrub.ts';
import { forgetAddresses } from '../pipeline/oversight/forget-addresses.ts';
import { notingForks } from '../pipeline/oversight/note-fork.ts';
import { publishLog } from '../pipeline/oversight/publish-log.ts';
import { beginReconcilingWhenDue, reconcileObjects } from '../pipeline/oversight/reconcile-objects.ts';
import { scrubObjects } from '../pipeline/oversight/scrub-objects.ts';
import { beginDigestWhenDue, signDailyDigest } from '../pipeline/oversight/sign-digest.ts';
import { witnessLog } from '../pipeline/oversight/witness-log.ts';
import { finishPersonErasure } from '../pipeline/people/finish-person-erasure.ts';
import { queuePersonErasures } from '../pipeline/people/queue-person-erasures.ts';
import { expirePermissions } from '../pipeline/permission/expire-permissions.ts';
import type { BounceMailbox } from '../pipeline/ports/bounce-mailbox.ts';
import type { Jobs } from '../pipeline/ports/database.ts';
import type { Handed, SignerLetter } from '../pipeline/ports/mail.ts';
import { StoreUnavailable } from '../pipeline/ports/object-store.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import { expireReleases } from '../pipeline/release/expire-releases.ts';
import { makeRendition } from '../pipeline/release/make-rendition.ts';
import { noteRenditionFailed } from '../pipeline/release/note-rendition-failed.ts';
import { finishErasure } from '../pipeline/retention/finish-erasure.ts';
import { keepRetention } from '../pipeline/retention/keep-retention.ts';
import { noteReSealFailed } from '../pipeline/retention/note-re-seal-failed.ts';
import { reSealRecording } from '../pipeline/retention/re-seal-recording.ts';
import { sendWeeklyMail } from '../pipeline/retention/weekly-mail.ts';
import { checkRecording, noteCheckFailed } from '../pipeline/review/check-recording.ts';
import { searchAgain } from '../pipeline/review/search-again.ts';
import { keepRunnerJobs } from '../pipeline/runners/keep-jobs.ts';
import { archiveTerms } from '../pipeline/signing/archive-terms.ts';
import { askOfAge } from '../pipeline/signing/ask-of-age.ts';
import { makeReceipt } from '../pipeline/signing/make-receipt.ts';
import { noteMailTested } from '../pipeline/signing/note-mail-tested.ts';
import { queueUnsentMail } from '../pipeline/signing/queue-unsent-mail.ts';
import { readBounces } from '../pipeline/signing/read-bounces.ts';
import { remindSigners } from '../pipeline/signing/remind-signers.ts';
import { sendSignerMail } from '../pipeline/signing/send-mail.ts';
import { mailPasswordReset } from '../pipeline/staff/mail-password-reset.ts';
import { pruneCredentials } from '../pipeline/staff/prune-credentials.ts';
import { pruneSignInFailures } from '../pipeline/staff/prune-sign-in-failures.ts';
import { VaultCorrupt } from '../vault/errors.ts';

export interface Attempt {
  readonly signal: AbortSignal;
  /** This is the last try. */
  readonly isLast: boolean;
  /** The same for each attempt at what was asked for once. */
  readonly job: string;
}

export type Tasks = { readonly [Name in keyof Jobs]: (payload: Jobs[Name], attempt: Attempt) => Promise<void> };

/** The chores of the clock, and their intervals in seconds. */
export interface Chores {
  readonly [name: string]: { readonly everySeconds: number; run(): Promise<unknown> };
}

interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  readonly messageId?: string;
}

/** Hands a letter to the mail server. `hand` says what the server answered, and throws never. */
export interface Mailer {
  send(letter: Letter): Promise<void>;
  hand(letter: Letter): Promise<Handed>;
}

export function createTasks(outside: Outside, mailer: Mailer): Tasks {
  return {
    'seal-upload': ({ uploadId }, attempt) =>
      withLastWord(
        outside,
        attempt,
        () => sealUpload(outside, uploadId, attempt.signal),
        (_, error) => noteSealingFailed(outside, uploadId, error),
      ),
    'remove-staged': ({ uploadId }) => removeStaged(outside, uploadId),
    'check-recording': ({ recordingId, isHere }, attempt) =>
      withLastWord(
        outside,
        attempt,
        () => checkRecording(outside, { recordingId, isHere, job: attempt.job }, attempt.signal),
        (why, error) =>
          noteCheckFailed(outside, recordingId, { why, isOfTheFile: !isAway(error) && !isDamaged(error) }),
      ),
    'find-tiles': ({ recordingId }, attempt) =>
      withLastWord(
        outside,
        attempt,
        () => findTilesOf(outside, recordingId, attempt.signal),
        (why) => noteTilesFailed(outside, recordingId, why),
      ),
    'make-rendition': ({ recordingId }, attempt) =>
      withLastWord(
        outside,
        attempt,
        () => makeRendition(outside, recordingId, attempt.signal),
        (why) => noteRenditionFailed(outside, recordingId, why),
      ),
    'erase-recording': ({ recordingId }, attempt) => finishErasure(outside, recordingId, attempt.signal),
    'erase-person': ({ personId }, attempt) => finishPersonErasure(outside, personId, attempt.signal),
    're-seal-recording': ({ recordingId }, attempt) =>
      withLastWord(
        outside,
        attempt,
        () => reSealRecording(outside, recordingId, attempt.signal),
        (why) => noteReSealFailed(outside, recordingId, why),
      ),
    'rewrap-envelopes': (_, attempt) => rewrapEnvelopes(outside, attempt.signal),
    'scrub-objects': (_, attempt) => scrubObjects(outside, attempt.signal),
    'reconcile-objects': () => reconcileObjects(outside),
    async 'sign-digest'() {
      await signDailyDigest(outside);
    },
    async 'run-drill'() {
      await outside.drill?.run();
    },
    async 'send-mail'(asked) {
      await deliver(mailer, asked);
      if (asked.mail.kind === 'test') await noteMailTested(outside);
    },
    'mail-signer': ({ deliveryId }) => sendSignerMail(outside, (letter) => mailer.hand(toLetter(letter)), deliveryId),
    'archive-terms': ({ digest }) => archiveTerms(outside, digest),
    async 'make-receipt'({ evidenceId }) {
      await makeReceipt(outside, evidenceId);
    },
    'send-password-reset': (asked) => mailPasswordReset(outside, { send: (mail) => deliver(mailer, mail) }, asked),
  };
}

export function createChores(
  outside: Outside,
  {
    addressDays,
    bounces,
    noteFlaw,
  }: {
    readonly addressDays: number;
    /** Null: no mailbox is read. */
    readonly bounces: BounceMailbox | null;
    /** Is told why a message in it changed nothing. */
    readonly noteFlaw: (flaw: ReportFlaw) => void;
  },
): Chores {
  return {
    ...(bounces === null
      ? {}
      : { 'read-bounces': { everySeconds: 300, run: () => readBounces(outside, bounces, noteFlaw) } }),
    'sweep-uploads': { everySeconds: outside.settings.receivingLeaseMs / 2_000, run: () => sweepUploads(outside) },
    'remind-signers': { everySeconds: 300, run: () => remindSigners(outside) },
    'ask-of-age': { everySeconds: 900, run: () => askOfAge(outside) },
    'queue-unsent-mail': { everySeconds: 900, run: () => queueUnsentMail(outside) },
    'expire-permissions': { everySeconds: 30, run: () => expirePermissions(outside) },
    'expire-releases': { everySeconds: 30, run: () => expireReleases(outside) },
    'keep-retention': { everySeconds: 3_600, run: () => keepRetention(outside) },
    'queue-person-erasures': { everySeconds: 3_600, run: () => queuePersonErasures(outside) },
    'weekly-mail': { everySeconds: 3_600, run: () => sendWeeklyMail(outside) },
    'begin-rewrap': { everySeconds: 3_600, run: () => beginRewrapWhenDue(outside) },
    'end-epochs': { everySeconds: 900, run: () => endEpochs(outside) },
    'search-again': { everySeconds: 300, run: () => searchAgain(outside) },
    'keep-runner-jobs': { everySeconds: 5, run: () => keepRunnerJobs(outside) },
    'begin-scrub': { everySeconds: 300, run: () => beginScrubWhenDue(outside) },
    'begin-reconciling': { everySeconds: 3_600, run: () => beginReconcilingWhenDue(outside) },
    'publish-log': { everySeconds: 15, run: () => notingForks(outside, 'store', () => publishLog(outside)) },
    'witness-log': { everySeconds: 15, run: () => notingForks(outside, 'witness', () => witnessLog(outside)) },
    'begin-drill': { everySeconds: 3_600, run: () => beginDrillWhenDue(outside) },
    'begin-digest': { everySeconds: 900, run: () => beginDigestWhenDue(outside) },
    'prune-sign-in-failures': { everySeconds: 3_600, run: () => pruneSignInFailures(outside) },
    'prune-credentials': { everySeconds: 3_600, run: () => pruneCredentials(outside) },
    'alert-anomalies': { everySeconds: 900, run: () => alertOfAnomalies(outside) },
    'forget-addresses': { everySeconds: 3_600, run: () => forgetAddresses(outside, addressDays) },
  };
}

/** If no try is left, or none could help, records the failure where people see it. */
async function withLastWord(
  { settings }: Pick<Outside, 'settings'>,
  attempt: Attempt,
  work: () => Promise<void>,
  note: (why: string, error: unknown) => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (attempt.signal.aborted) throw error;
    const isFinal = isDamaged(error) || (error instanceof Refusal && !isAway(error));
    if (!isFinal && !attempt.isLast) throw error;
    // The job does not come back: with the database away for a moment, nobody else would say that it failed.
    await retryWhileAway(settings.outageMs, () => note(describe(error), error));
    if (!isFinal) throw error;
  }
}

const isDamaged = (error: unknown): error is VaultCorrupt => error instanceof VaultCorrupt;

/** The database, the store or the time was not there: it says nothing about the recording. */
const isAway = (error: unknown): boolean => error instanceof StoreUnavailable || isUnavailable(error);

/**
 * The stored cause of a failed job: reasons, never sentences. What is in a fault is for the operator, and the queue writes
 * it onto the operator's log.
 */
function describe(error: unknown): string {
  if (error instanceof Refusal && error.reasons.length > 0) return keepReasons(error.reasons);
  if (isAway(error)) return keepReasons([{ code: 'AWAY_TOO_LONG' }]);
  if (isDamaged(error)) return keepReasons([{ code: 'STORED_DAMAGED', params: { what: error.code } }]);
  return keepReasons([{ code: error instanceof Refusal ? 'REFUSED' : 'FAULT' }]);
}

/** In the language of the addressee's account; without an account, in every language, one below the other. */
async function deliver(mailer: Mailer, { to, language, mail }: Jobs['send-mail']): Promise<void> {
  const languages = isLanguage(language) ? [language] : languageTags;
  const letters = languages.map((one) => mailText(mail, one));
  const subjects = [...new Set(letters.map(({ subject }) => subject))];
  const enclosed = mail.kind === 'log_digest' ? mail.enclosed : [];
  const parts = [...letters.map(({ text }) => text), ...enclosed];
  await mailer.send({ to, subject: subjects.join(' / '), text: parts.join('\n') });
}

function toLetter({ to, messageId, language, ...mail }: SignerLetter): Letter {
  return { to, messageId, ...signerMail(mail, isLanguage(language) ? language : null) };
}
