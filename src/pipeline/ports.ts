import type { Readable } from 'node:stream';
import type { Prisma, PrismaClient } from '../adapters/prisma/generated/client.ts';
import type { NoteSigner, NoteVerifier } from '../audit/signed-note.ts';
import type { AnomalyThresholds } from '../domain/anomaly.ts';
import type { AuditEvent, CountableEvent } from '../domain/audit-event.ts';
import type { Edit } from '../domain/decision.ts';
import type { Actor, Id, StaffRole } from '../domain/ids.ts';
import type { LimitName } from '../domain/limits.ts';
import type { EpochKey } from '../vault/epoch-lock.ts';
import type { OpeningKey, RecipientKey, VerifyingKey } from '../vault/keyring.ts';

/** What shows that somebody is who they say. Sessions and attempts are ours (`staff/`); these are what libraries do. */
export interface Credentials {
  readonly passwords: PasswordHashing;
  readonly strength: PasswordStrength;
  readonly codes: OneTimeCodes;
  readonly passkeys: Passkeys;
}

/** Both refuse with `TOO_MANY_REQUESTS` when too many wait already. */
export interface PasswordHashing {
  hash(password: string): Promise<string>;
  /** Takes the same time for `null`, an account that is not there. `outdated`: right, and to be hashed again. */
  verify(password: string, hash: string | null): Promise<'right' | 'outdated' | 'wrong'>;
}

export interface PasswordStrength {
  /** `context`: names and words that stand around the person. Null: good enough. */
  judge(password: string, context: readonly string[]): Promise<'breached' | 'context' | 'guessable' | null>;
}

/** RFC 6238. */
export interface OneTimeCodes {
  /** A new secret, encrypted for keeping, and the `otpauth:` address that an app takes. */
  begin(label: string): { readonly sealed: Uint8Array<ArrayBuffer>; readonly uri: string };
  /** The time step whose code this is, if that step is now within ten seconds; null: it is none. */
  findStep(sealed: Uint8Array, code: string, at: Date): bigint | null;
}

/** A browser's answer to a challenge, as WebAuthn's `toJSON()` gives it. Attacker-controlled. */
export interface PasskeyAnswer {
  readonly id: string;
  readonly response: { readonly clientDataJSON: string };
}

/** Which challenge was answered: whoever counts it, counts it once. */
interface AnsweredChallenge {
  readonly challengeDigest: string;
  readonly challengeEndsAt: Date;
}

export interface Passkeys {
  registrationOptions(
    person: { readonly id: string; readonly name: string; readonly email: string },
    existing: readonly string[],
    at: Date,
  ): Promise<object>;
  /** Null: not believed. */
  verifyRegistration(
    answer: PasskeyAnswer,
    personId: string,
    at: Date,
  ): Promise<(AnsweredChallenge & { id: string; publicKey: Uint8Array<ArrayBuffer>; counter: number }) | null>;
  signInOptions(at: Date): Promise<object>;
  /** Null: not believed. */
  verifySignIn(
    answer: PasskeyAnswer,
    kept: { readonly id: string; readonly publicKey: Uint8Array; readonly counter: number },
    at: Date,
  ): Promise<(AnsweredChallenge & { readonly counter: number }) | null>;
}

/** Limits of `domain/limits.ts`; `who` is a network address or the id of a member of staff. */
export interface RateLimits {
  /** Costs nothing. @throws Refusal `TOO_MANY_REQUESTS` while somebody is over the limit. */
  assertOpen(name: LimitName, who: string): void;
  /** Counts one. @throws Refusal `TOO_MANY_REQUESTS` when that is one too many. */
  take(name: LimitName, who: string): Promise<void>;
  /** Counts one that was refused anyway. */
  note(name: LimitName, who: string): Promise<void>;
}

/** Everything a use case may need from outside; each takes only the parts that it names. */
export interface Outside {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly media: MediaTools;
  readonly textReader: TextReader;
  readonly credentials: Credentials;
  readonly limits: RateLimits;
  readonly keyring: Keyring;
  /** Signs checkpoints of the log. Its name is the log's origin. */
  readonly logSigner: NoteSigner;
  /** What is being watched through this process. */
  readonly watched: WatchedSources;
  readonly viewings: Viewings;
  readonly tally: Tally;
  readonly papers: Papers;
  readonly pages: PageReader;
  readonly archives: ArchiveReader;
  readonly tables: TableReader;
  /** Looks for malware in what people hand in; null when none is configured. */
  readonly scanner: MalwareScanner | null;
  /** Somebody elsewhere who signs checkpoints of the log too; null when none is configured. */
  readonly witness: Witness | null;
  readonly clock: () => Date;
  readonly settings: Settings;
}

export interface MalwareScanner {
  /**
   * Looks at all of the octets. `found`: the name of what is in them, or null.
   * @throws ScannerUnavailable when it cannot say: nothing is taken for clean then.
   */
  scan(
    bytes: AsyncIterable<Uint8Array>,
    options?: { signal?: AbortSignal },
  ): Promise<{ readonly found: string | null }>;
}

export class ScannerUnavailable extends Error {
  override readonly name = 'ScannerUnavailable';
}

/** C2SP `tlog-witness`. */
export interface Witness {
  readonly key: NoteVerifier;
  /**
   * Has a checkpoint cosigned that continues the tree of `oldSize` entries, as `proof` shows. Returns signature lines,
   * attacker-controlled. @throws WitnessConflict when the witness last signed another size. @throws WitnessUnavailable.
   */
  cosign(oldSize: number, proof: readonly Buffer[], note: string): Promise<string>;
}

export class WitnessConflict extends Error {
  override readonly name = 'WitnessConflict';
  /** Entries of the checkpoint that the witness last signed. */
  readonly size: number;
  constructor(size: number) {
    super(`the witness last signed ${size} entries`);
    this.size = size;
  }
}

export class WitnessUnavailable extends Error {
  override readonly name = 'WitnessUnavailable';
}

/** Writes what people take away with them. */
export interface Papers {
  pdf(report: Report): Promise<Buffer>;
  /** One ZIP file of these, in their order, as a stream; an error of a member breaks it off. */
  zip(
    files: readonly { readonly name: string; readonly octets: Uint8Array | AsyncIterable<Uint8Array> }[],
    at: Date,
  ): Readable;
}

export interface Report {
  readonly language: 'tr' | 'en';
  readonly title: string;
  readonly at: Date;
  /** At the foot of every page, before its number. */
  readonly foot: string;
  readonly blocks: readonly ReportBlock[];
}

export type ReportBlock =
  | { readonly heading: string }
  | { readonly text: string }
  | { readonly facts: readonly (readonly [name: string, value: string])[] }
  /** `widths` are parts of the width of the page. */
  | { readonly header: readonly string[]; readonly widths: readonly number[]; readonly rows: readonly string[][] };

/**
 * The keys of now. Each property is read anew at every use: keys change while the process runs, and whoever needs one set
 * for several steps takes it once.
 */
export interface Keyring {
  /** Whom new envelopes are wrapped for: the current vault key first, then the recovery keys. */
  readonly recipients: readonly RecipientKey[];
  /** The current, the prepared and the former vault keys, unlocked. */
  readonly openingKeys: readonly OpeningKey[];
  /** Every key that has ever signed for the school, as far as it is kept. */
  readonly verifyingKeys: readonly VerifyingKey[];
  /** Every key that there is and what it is for. */
  readonly known: readonly KnownKey[];
  /** Keys of the second lock on envelopes, the current one first: there is always one. */
  readonly epochs: readonly KeptEpochKey[];
  /** Takes the key of an epoch away for good. What is locked under it opens nowhere any more. Repeatable. */
  destroyEpoch(epoch: number): Promise<void>;
  /** Looks at once whether the keys have changed. @throws what is wrong with them; the last good set stays in force. */
  refresh(): Promise<void>;
}

export interface KeptEpochKey extends EpochKey {
  /** Since when it has been there; null when it comes from the environment and is not ours to destroy. */
  readonly since: Date | null;
}

export interface KnownKey {
  readonly role: 'vault' | 'recovery';
  readonly state: 'next' | 'current' | 'former' | 'retired';
  readonly fingerprint: string;
  readonly version: number;
  readonly algorithm: string;
  readonly createdAt: Date;
}

/** What the operator may set that changes how use cases behave. */
export interface Settings {
  readonly maxRecordingBytes: number;
  /** How long a receiving process may be silent before its upload counts as abandoned. */
  readonly receivingLeaseMs: number;
  /** How long a resumable upload is kept on which nothing arrives any more. */
  readonly uploadKeepMs: number;
  /** How long an operation waits for a database or store that is away before it gives up. */
  readonly outageMs: number;
  /** Whether there is a mail server; without one nothing is queued that would go nowhere. */
  readonly sendsMail: boolean;
  /** How browsers reach the server, for links in mails. */
  readonly baseUrl: () => string;
  /** How long a session lasts that nobody uses, and how long one lasts at most. */
  readonly sessionIdleMs: number;
  readonly sessionMs: number;
  /** How fast the scrub may read from the store, and how long a whole object may stay unread. */
  readonly scrubBytesPerSecond: number;
  readonly scrubEveryMs: number;
  /** Pages of an hour of a recording that are read for notices, at most. */
  readonly pagesPerHour: number;
  readonly anomalies: AnomalyThresholds;
  /** Who gets the daily digest of the log. */
  readonly auditorMail: string | null;
  /** How long the mirror of the log is locked in a store that can. */
  readonly logLockMs: number;
}

/** Who asks, and from where; the address goes to the log only (P11). */
export interface Caller {
  readonly actor: Actor;
  readonly address?: string | undefined;
  /** By what a member of staff acts; asked for again as long as the request lasts (`staff/still-acting.ts`). */
  readonly standing?: Standing | undefined;
}

export interface Standing {
  readonly sessionId: string | null;
  readonly tokenId: Id | null;
  /** The request needs one of these; null: any member of staff may make it. */
  readonly roles: readonly StaffRole[] | null;
}

/** Jobs by name, with what each is told. */
export interface Jobs {
  'seal-upload': { uploadId: string };
  'remove-staged': { uploadId: string };
  'check-recording': { recordingId: string };
  'make-rendition': { recordingId: string };
  'erase-recording': { recordingId: string };
  're-seal-recording': { recordingId: string };
  'rewrap-envelopes': Record<string, never>;
  'scrub-objects': Record<string, never>;
  'reconcile-objects': Record<string, never>;
  'sign-digest': Record<string, never>;
  'send-mail': { to: string; subject: string; text: string };
  'send-password-reset': { email: string; sentById: string | null };
}

/** PostgreSQL. The tables are those of `prisma/schema.prisma`. */
export interface Database {
  /** For reading outside a transaction. */
  readonly read: Omit<PrismaClient, '$transaction' | '$connect' | '$disconnect'>;
  /**
   * Runs `work` in one transaction: state, audit entries and jobs commit together or not at all. No network call belongs
   * inside. A transaction that the database gave up because of another one is tried again, so `work` must be repeatable.
   * @throws Refusal `DATABASE_UNAVAILABLE` when the database does not answer.
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
   * Queues a job that starts only if this transaction commits. A waiting job of the same key is replaced; of the jobs of one
   * `queue` only one runs at a time, whatever the process.
   */
  enqueue<Name extends keyof Jobs>(
    name: Name,
    payload: Jobs[Name],
    options?: { key?: string; queue?: string },
  ): Promise<void>;
}

/**
 * Where sealed bytes live. Keys are `/`-separated ASCII names; the store never sees plaintext.
 * Two adapters (`adapters/disk`, `adapters/s3`) pass one contract suite (`tests/contracts/object-store.ts`).
 */
export interface ObjectStore {
  /** What the store turned out to be able to do, for the operator's log at start-up. */
  describe(): Promise<StoreDescription>;
  /**
   * Writes one object from a stream of unknown length in constant memory. Resolves only when the object is durable;
   * until then nothing is visible under `key`. If `body` fails or `signal` aborts, nothing is left behind.
   * An existing object of the same key is replaced as a whole. A piece of `body` is its sender's
   * again as soon as the next one is asked for. `checksum`: what goes over a network in one request is
   * accompanied by a digest that the server checks.
   */
  put(
    key: string,
    body: AsyncIterable<Uint8Array>,
    options?: { signal?: AbortSignal; checksum?: boolean },
  ): Promise<{ bytes: number }>;
  /**
   * Bytes `[start, end)` of the object (the whole of it by default), as a stream.
   * @throws ObjectMissing when there is no such object.
   */
  get(key: string, range?: { start: number; end: number }, options?: { signal?: AbortSignal }): Promise<Readable>;
  /** Size of the object, or null when there is none. */
  head(key: string): Promise<{ bytes: number } | null>;
  /** Removes the object; succeeds when there is none. A store that keeps versions still has the old ones. */
  delete(key: string): Promise<void>;
  /**
   * Removes the object with every version and every delete marker of it; succeeds when there is none. What the store
   * refuses to give up (object lock) stays, hidden behind a delete marker.
   */
  purge(key: string): Promise<Purged>;
  /**
   * Locks the object as it is now until then, so that nobody can remove it, not even with the store's credentials.
   * Returns whether it is locked: a folder, and a bucket without object lock, cannot.
   */
  lock(key: string, until: Date): Promise<boolean>;
  /** Every version under `prefix`, also of objects that were deleted or replaced, without delete markers. */
  listVersions(prefix: string): AsyncIterable<StoredObject>;
  /** Every object under `prefix`, in no promised order. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Aborts unfinished writes under `prefix` that began before `before`, and removes what they left. Returns how many. */
  abortUnfinished(prefix: string, before: Date): Promise<number>;
}

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

export interface Purged {
  /** Versions and delete markers that went. */
  readonly removed: number;
  /** Versions that the store still holds. */
  readonly held: number;
  /** When the last of them may be removed; null when none is held, or until somebody lifts a hold in the store itself. */
  readonly heldUntil: Date | null;
}

export interface StoreDescription {
  readonly kind: 'disk' | 's3';
  /** Where, without secrets: a folder or endpoint and bucket. */
  readonly where: string;
  /** Capabilities proven by their effect, not by the absence of an error. */
  readonly capabilities: Readonly<Record<string, boolean>>;
}

/** The object asked for does not exist. */
export class ObjectMissing extends Error {
  override readonly name = 'ObjectMissing';
}

/** The store did not answer, or answered that it cannot work now. Safe to try again. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** Random access to the plaintext media of one sealed object. Owned by the caller, who closes it. */
export interface MediaSource {
  /** Size of the media in bytes. */
  readonly bytes: number;
  /** Decrypted bytes `[start, end)`; every chunk's tag is verified before a byte of it is released. */
  read(start: number, end: number, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Opened sources that the requests of one viewing share (`release/shared-sources.ts`). */
export interface WatchedSources {
  /** The source behind `key`, opened when it is not there; `close` gives it back. @throws what `open` throws. */
  borrow(key: string, sealedId: string, open: () => Promise<OpenSource>): Promise<OpenSource>;
  /** Closes every source of a sealed object: at once where nobody reads, otherwise when the last reader has ended. */
  forget(sealedId: string): void;
}

/** Entries of the log for viewings that come in many requests (`release/viewing-log.ts`). */
export interface Viewings {
  /**
   * Resolves when the log holds that the stretch behind `key` is being watched; `announce` writes that when it is not there.
   * `leave` says which bytes were served; they are written with `note` when the stretch has been quiet. @throws as `announce`.
   */
  enter(
    key: string,
    announce: () => Promise<void>,
    note: (served: readonly [start: number, end: number]) => Promise<void>,
  ): Promise<{ leave(served: readonly [start: number, end: number]): void }>;
  /** Counts a range that has an entry of its own; true when there were so many in this minute that the next is to have none. */
  isCrowded(key: string): boolean;
}

/** Keeps the log bounded, whatever is thrown at the server (`oversight/tally.ts`). */
export interface Tally {
  /**
   * Counts an event that needed no sign-in. One entry for each action, object and network address is written when its minute
   * is over. Takes the same time whatever the event is about, so that time tells nothing.
   */
  count(caller: Caller, event: CountableEvent): void;
  /** True: the event is one of the first of its actor in this minute, and the caller writes it. False: it is counted. */
  isSingle(caller: Caller, event: CountableEvent): boolean;
  /** Writes what has been counted so far. What the database does not take is kept. @throws what the database says. */
  flush(): Promise<void>;
}

export type OpenSource = MediaSource & { close(): void };

/** What a probe says of a file. Times in milliseconds, sizes in pixels. */
export interface MediaProbe {
  /** The one container name that was recognised, from the allow-list of `adapters/ffmpeg`. */
  readonly container: string;
  /** The media type that follows from the content, never from the name: `video/mp4`, `audio/ogg`, … */
  readonly mediaType: string;
  /** What the container declares; null when it declares nothing. */
  readonly declaredDurationMs: number | null;
  readonly streams: readonly MediaStream[];
  /** Tags of container and streams, in file order: `stream` is null for the container. */
  readonly tags: readonly { readonly stream: number | null; readonly name: string; readonly value: string }[];
  /** Oddities a person should know: attached files, trailing bytes, a name that does not fit the content. */
  readonly warnings: readonly MediaWarning[];
}

export interface MediaStream {
  readonly index: number;
  readonly kind: 'video' | 'audio' | 'subtitle' | 'attachment' | 'other';
  readonly codec: string | null;
  /** False when this ffmpeg has no decoder for it or the stream is protected: reported as not analysed. */
  readonly decodable: boolean;
  readonly width?: number;
  readonly height?: number;
  readonly channels?: number;
  readonly sampleRate?: number;
  readonly language?: string;
  /** A still picture (cover art), not moving video. */
  readonly stillPicture?: boolean;
}

export interface MediaWarning {
  readonly code:
    | 'ATTACHED_FILE'
    | 'TRAILING_DATA'
    | 'TYPE_DIFFERS_FROM_DECLARED'
    | 'NO_AUDIO'
    | 'NO_VIDEO'
    | 'PERSONAL_METADATA'
    | 'DURATION_UNKNOWN'
    | 'HIDDEN_STREAM';
  readonly detail: string;
}

/** A stretch of one stream that could not be analysed. Never counted as clean. */
export interface NotAnalysed {
  readonly stream: number | null;
  readonly startMs: number;
  readonly endMs: number;
  readonly why: string;
}

/** A grey picture, one byte per pixel, row by row. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** A line of text that was read, with its box in pixels and how sure the reader is, 0 to 1. Attacker-controlled. */
export interface ReadLine {
  readonly text: string;
  readonly confidence: number;
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** Reads Turkish and English off pictures, in a process of its own. Pictures are read one after the other. */
export interface TextReading {
  /**
   * @throws Error when the picture could not be read: the process died, or it took too long. Such a picture counts as not
   * analysed; the next one gets a fresh process.
   */
  read(picture: GreyPicture): Promise<readonly ReadLine[]>;
  close(): Promise<void>;
}

export interface TextReader {
  /** @throws Error when the reader cannot be started. */
  open(options: { signal: AbortSignal }): Promise<TextReading>;
}

/** What listens and looks while a file is decoded, in order of time. It may keep what it is given. */
export interface MediaWatcher {
  /** Mono samples of one sound stream, 8000 a second; gaps are filled, so that the place of a sample is its time. */
  sound?(stream: number): (samples: Int16Array) => void;
  /** Pictures of one video stream, 320 × 180 whatever their shape, at most `picturesPerSecond`. */
  picture?(stream: number): (picture: GreyPicture, atMs: number) => void;
  /** Pictures as they are, at most 1280 wide and one in two seconds. Decoding waits for the promise. */
  page?(stream: number): (picture: GreyPicture, atMs: number) => Promise<void>;
  /** 4 where nothing is said. */
  readonly picturesPerSecond?: number;
}

/** Everything the third-party check needs to know of a file, from one full decoding of it. */
export interface MediaFeatures {
  /** The longest stream as decoded. */
  readonly analysedDurationMs: number;
  /** Chromaprint sub-fingerprints of each audio stream that could be decoded. */
  readonly fingerprints: readonly {
    readonly stream: number;
    readonly fingerprint: Uint32Array;
    readonly silent: boolean;
  }[];
  /** Lines of text subtitles, with their times. */
  readonly subtitles: readonly {
    readonly stream: number;
    readonly startMs: number;
    readonly endMs: number;
    readonly text: string;
  }[];
  readonly notAnalysed: readonly NotAnalysed[];
}

/** Where things are in the bytes of a rendition, for playlists: no content, no text. */
export interface RenditionLayout {
  readonly durationMs: number;
  /** Bytes from the start that say how to decode the rest (`ftyp`, `moov`). */
  readonly initBytes: number;
  /** Stretches that follow each other without gaps and can each be decoded alone: begin and length in bytes, length in time. */
  readonly segments: readonly (readonly [at: number, bytes: number, durationMs: number])[];
  /** Where chapters begin; their titles are left out. */
  readonly chaptersMs: readonly number[];
  /** WebVTT files inside the rendition, by place. */
  readonly subtitles: readonly { readonly at: number; readonly bytes: number; readonly language: string | null }[];
}

/** Looks at the pages of documents. */
export interface PageReader {
  /**
   * Draws every page of a PDF, in their order, 320 × 180 in grey whatever its shape, in a confined process.
   * @throws Refusal `NOT_MEDIA` (damaged, or protected by a password), `MEDIA_NOT_ALLOWED` (too many pages, too slow),
   * `TOO_LARGE`; pages may have been handed out before.
   */
  read(
    source: MediaSource,
    onPage: (page: GreyPicture, index: number) => void,
    options?: { signal?: AbortSignal },
  ): Promise<void>;
}

/** Looks into archives, which are attacker-controlled: nothing is unpacked but what is read, and nothing is written. */
export interface ArchiveReader {
  /** @throws Refusal `NOT_MEDIA` (no ZIP archive, or damaged), `TOO_LARGE` (more than 10,000 entries). */
  open(source: MediaSource, options?: { signal?: AbortSignal }): Promise<Archive>;
}

export interface Archive {
  /** Files, in the order of the archive's directory; names may come twice. */
  readonly entries: readonly ArchiveEntry[];
  /**
   * One file, unpacked: exactly `entry.bytes`, and of the right checksum.
   * @throws Refusal `NOT_MEDIA` (encrypted, damaged, packed by an unknown method), `MEDIA_NOT_ALLOWED` (expands too far).
   */
  read(entry: ArchiveEntry): AsyncIterable<Uint8Array>;
}

export interface ArchiveEntry {
  /** Whatever the archive says, absolute or with `..` in it: for showing, never a path. */
  readonly name: string;
  /** Unpacked, as the archive says. */
  readonly bytes: number;
}

/** Reads tables of people: CSV with commas or semicolons (RFC 4180), with or without a byte order mark. */
export interface TableReader {
  /** Every row that is not empty, the first one too. @throws Refusal `INVALID_REQUEST` with the line that is wrong. */
  read(text: string): TableRow[];
}

export interface TableRow {
  /** Where it ends, counted from 1. */
  readonly line: number;
  /** Without blanks around them; rows may differ in length. */
  readonly cells: readonly string[];
}

/**
 * What the media tools do for the pipeline. Untrusted input: every call fixes the demuxer to an allow-list, the protocol to
 * one loopback address, and limits time, memory, pixels and output.
 */
export interface MediaTools {
  /** Recognises a file. @throws Refusal `NOT_MEDIA` (nothing recognised) or `MEDIA_NOT_ALLOWED` (recognised and not allowed). */
  probe(
    source: MediaSource,
    options?: { declaredType?: string; fileName?: string; signal?: AbortSignal },
  ): Promise<MediaProbe>;
  /** Decodes the whole file once. */
  analyse(
    source: MediaSource,
    probe: MediaProbe,
    options?: { signal?: AbortSignal; onProgress?: (doneMs: number) => void; watcher?: MediaWatcher },
  ): Promise<MediaFeatures>;
  /** A still picture (JPEG, PNG, WebP, GIF, BMP, TIFF), 320 × 180 whatever its shape. @throws Refusal `NOT_MEDIA`. */
  still(source: MediaSource, options?: { signal?: AbortSignal }): Promise<GreyPicture>;
  /** One picture of a moment, a JPEG at most 640 wide. @throws Refusal `NOT_FOUND` where there is no picture. */
  glimpse(source: MediaSource, probe: MediaProbe, atMs: number, options?: { signal?: AbortSignal }): Promise<Buffer>;
  /**
   * A range of sound, a PNG of 640 × 160: pitches against time, at most two minutes. @throws Refusal `NOT_FOUND` where there
   * is no sound.
   */
  spectrogram(
    source: MediaSource,
    probe: MediaProbe,
    range: { readonly startMs: number; readonly endMs: number; readonly stream?: number | undefined },
    options?: { signal?: AbortSignal },
  ): Promise<Buffer>;
  /**
   * A playable copy (fragmented MP4, H.264/AAC; audio only: AAC) without metadata, attachments and titles of chapters, with
   * the text subtitles and the times of chapters that the edits leave. The stream fails when ffmpeg does. Policy P5, P11.
   * `layout` is known when the output has ended, and throws before.
   */
  render(
    source: MediaSource,
    probe: MediaProbe,
    edits: readonly Edit[],
    options?: { signal?: AbortSignal; onProgress?: (doneMs: number) => void },
  ): { readonly mediaType: string; readonly output: AsyncIterable<Uint8Array>; layout(): RenditionLayout };
}
