import type { Upload as TusUpload } from 'tus-js-client';
import { ask } from '../../api/ask.ts';
import { Problem, toProblem } from '../../api/problem.ts';
import { count, currentLanguage, text } from '../../words/current.ts';
import { isReport, sendReport } from '../attendance/send-report.ts';
import { sendAlong, sortChosen } from './captions-along.ts';
import { declareKept } from './declared.ts';

/** Pauses between tries, in milliseconds: a minute and a half without a byte that arrives, then it says so. */
const retryDelays = [0, 1_000, 2_000, 4_000, ...Array.from({ length: 16 }, () => 5_000)];
/** How often the server is asked whether a gate is open, and how far the sealing is, in milliseconds. */
const gateEveryMs = 8_000;
const sealingEveryMs = 700;

export type UploadState =
  | 'gate'
  | 'queued'
  | 'starting'
  | 'sending'
  | 'paused'
  | 'away'
  | 'sealing'
  | 'done'
  | 'failed';

/** One file on its way, as it is shown. */
export interface Upload {
  readonly key: number;
  readonly lessonId: string;
  readonly file: File;
  readonly state: UploadState;
  /** Octets that have arrived, of how many. */
  readonly loaded: number;
  readonly total: number;
  /** Octets a second since it last began to send; null: not known yet. */
  readonly speed: number | null;
  /** How far the sealing is, 0 to 1. */
  readonly sealedShare: number;
  /** The upload's identifier, which its recording has too; null: the server does not know it yet. */
  readonly id: string | null;
  readonly problem: Problem | null;
  /** Captions that go along and were not sent yet. */
  readonly captions: readonly File[];
  /** Captions that were refused, with the reason. */
  readonly refusedCaptions: readonly { readonly name: string; readonly problem: Problem }[];
  /** Attendance reports that were chosen with it. Sent when it is there: names that are open would hold it up before. */
  readonly reports: readonly File[];
  /** What became of them. */
  readonly reported: readonly string[];
  /** What was declared and could not be added. */
  readonly undeclared: readonly string[];
  /** The server keeps why it failed until somebody has read it. */
  readonly isOver: boolean;
}

type Listener = () => void;

/**
 * Sends files, one after another, whatever page is open. An upload goes on where it was broken off; while the gate of its
 * lesson is closed it waits, and begins by itself when the last permission comes.
 */
class UploadQueue {
  #uploads: readonly Upload[] = [];
  readonly #listeners = new Set<Listener>();
  readonly #sending = new Map<number, TusUpload>();
  readonly #begun = new Map<number, { at: number; bytes: number | null }>();
  readonly #captionsSent = new Map<number, Promise<void>>();
  #last = 0;
  #gateTimer: ReturnType<typeof setInterval> | null = null;

  constructor() {
    addEventListener('beforeunload', (event) => {
      if (this.#uploads.some(({ state }) => !['done', 'failed', 'paused'].includes(state))) event.preventDefault();
    });
  }

  subscribe = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  snapshot = (): readonly Upload[] => this.#uploads;

  /**
   * Takes files into a lesson, recordings with their captions. `id` names an upload that was begun before, on whichever
   * machine.
   * @throws Problem if there are captions of which nobody can say whose they are; nothing is taken then.
   */
  add(lessonId: string, files: readonly File[], id: string | null = null): void {
    const reports = files.filter(isReport);
    const { media, left } = sortChosen(files.filter((file) => !isReport(file)));
    if (left.length > 0)
      throw new Problem({ title: text('captionsOfWhich', { list: left.map(({ name }) => name).join(', ') }) });
    const added = media.map(({ file, captions }, at): Upload => {
      this.#last += 1;
      return {
        ...{ key: this.#last, lessonId, file, id, state: 'queued', loaded: 0, total: file.size, speed: null },
        ...{
          captions,
          refusedCaptions: [],
          reports: at === 0 ? reports : [],
          reported: [],
          sealedShare: 0,
          problem: null,
          undeclared: [],
          isOver: false,
        },
      };
    });
    this.#set([...this.#uploads, ...added]);
    this.#next();
  }

  async pause(key: number): Promise<void> {
    await this.#sending.get(key)?.abort();
    this.#change(key, { state: 'paused', speed: null });
  }

  resume(key: number): void {
    const sending = this.#sending.get(key);
    if (sending === undefined) {
      this.retry(key);
      return;
    }
    this.#begun.set(key, { at: performance.now(), bytes: null });
    this.#change(key, { state: 'starting' });
    sending.start();
  }

  retry(key: number): void {
    const { isOver } = this.#find(key);
    this.#sending.delete(key);
    this.#change(key, { state: 'queued', problem: null, isOver: false, ...(isOver ? { id: null } : {}) });
    this.#next();
  }

  /** Gives it up, on the server too. */
  async cancel(key: number): Promise<void> {
    const { id } = this.#find(key);
    await this.#sending.get(key)?.abort();
    if (id !== null) await ask('cancelUpload', { params: { uploadId: id } });
    this.#remove(key);
  }

  /** Takes one that has ended from the list. The server forgets why it failed. */
  async dismiss(key: number): Promise<void> {
    const { isOver, id } = this.#find(key);
    this.#remove(key);
    if (isOver && id !== null) await ask('cancelUpload', { params: { uploadId: id } }).catch(() => null);
  }

  #find(key: number): Upload {
    const found = this.#uploads.find((one) => one.key === key);
    if (found === undefined) throw new Error(`no upload ${key}`);
    return found;
  }

  #set(uploads: readonly Upload[]): void {
    this.#uploads = uploads;
    for (const listener of this.#listeners) listener();
  }

  #change(key: number, change: Partial<Upload>): void {
    this.#set(this.#uploads.map((one) => (one.key === key ? { ...one, ...change } : one)));
  }

  #remove(key: number): void {
    this.#sending.delete(key);
    this.#captionsSent.delete(key);
    this.#set(this.#uploads.filter((one) => one.key !== key));
    this.#next();
  }

  /** Begins with the next file that waits for its turn, when none is being sent: a school's line is slow enough for one. */
  #next(): void {
    if (this.#uploads.some(({ state }) => ['starting', 'sending', 'away'].includes(state))) return;
    const next = this.#uploads.find(({ state }) => state === 'queued');
    if (next === undefined) return;
    this.#change(next.key, { state: 'starting' });
    void this.#start(next.key).catch((error: unknown) => this.#fail(next.key, asProblem(error)));
  }

  async #start(key: number): Promise<void> {
    const { lessonId, file, id } = this.#find(key);
    if (id === null && !(await ask('getGate', { params: { lessonId } })).holds) {
      this.#change(key, { state: 'gate' });
      this.#watchGates();
      return this.#next();
    }
    const { Upload: Tus } = await import('tus-js-client');
    const endpoint = new URL(`/api/lessons/${lessonId}/uploads`, location.origin).href;
    const creation = crypto.randomUUID();
    const sending: TusUpload = new Tus(file, {
      endpoint,
      headers: { 'Accept-Language': currentLanguage() },
      ...(id === null ? {} : { uploadUrl: new URL(`/api/uploads/${id}`, location.origin).href }),
      metadata: {
        filename: file.name,
        filetype: file.type || 'application/octet-stream',
        lastmodified: String(file.lastModified),
      },
      retryDelays,
      removeFingerprintOnSuccess: true,
      // An answer to the creation that was lost: the next try finds what it has begun.
      onBeforeRequest: (request) => {
        if (request.getMethod() === 'POST') request.setHeader('Idempotency-Key', creation);
      },
      onShouldRetry: (error) => {
        const status = 'originalResponse' in error ? (error.originalResponse?.getStatus() ?? 0) : 0;
        const isPassing = status === 0 || status >= 500 || [409, 423, 429].includes(status);
        if (isPassing) this.#change(key, { state: 'away' });
        return isPassing;
      },
      onUploadUrlAvailable: () => {
        this.#change(key, { id: idOf(sending.url) });
        void this.#sendCaptions(key, 'attachCaptions');
      },
      onProgress: (loaded, total) => this.#progress(key, loaded, total),
      onError: (error) => {
        const response = 'originalResponse' in error ? error.originalResponse : null;
        this.#fail(
          key,
          response ? toProblem(response.getStatus(), response.getBody(), broken(), null) : asProblem(error),
        );
      },
      onSuccess: () => {
        this.#change(key, { state: 'sealing', id: idOf(sending.url) });
        this.#next();
        void this.#waitForSealing(key);
      },
    });
    this.#sending.set(key, sending);
    this.#begun.set(key, { at: performance.now(), bytes: null });
    const [before] = id === null ? await sending.findPreviousUploads() : [];
    if (before !== undefined) sending.resumeFromPreviousUpload(before);
    sending.start();
  }

  /**
   * Sends what goes along, one file after another, after whatever is being sent. What is refused is told beside the upload,
   * which goes on; what came while the server was sealing is sent to the recording afterwards.
   */
  #sendCaptions(key: number, to: 'attachCaptions' | 'takeCaptions'): Promise<void> {
    const sent = (this.#captionsSent.get(key) ?? Promise.resolve()).then(async () => {
      const { id, captions } = this.#find(key);
      if (id === null || captions.length === 0) return;
      const later: File[] = [];
      const refused: Upload['refusedCaptions'][number][] = [];
      for (const file of captions)
        await sendAlong(to, id, file).catch((error: unknown) => {
          const problem = asProblem(error);
          const isEarly = to === 'attachCaptions' && ['NOT_FOUND', 'STATE_CHANGED'].includes(problem.code);
          if (isEarly) later.push(file);
          else refused.push({ name: file.name, problem });
        });
      if (!this.#uploads.some((one) => one.key === key)) return;
      this.#change(key, { captions: later, refusedCaptions: [...this.#find(key).refusedCaptions, ...refused] });
    });
    this.#captionsSent.set(key, sent);
    return sent;
  }

  async #sendReports(key: number): Promise<void> {
    const { lessonId, reports } = this.#find(key);
    const reported: string[] = [];
    for (const file of reports)
      reported.push(
        await sendReport(lessonId, file, {}).then(
          ({ outcome, rows }) =>
            outcome === 'report' ? count('attendanceTaken', rows) : text('attendanceAsksThere', { file: file.name }),
          (error: unknown) => `${file.name}: ${asProblem(error).message}`,
        ),
      );
    if (this.#uploads.some((one) => one.key === key)) this.#change(key, { reports: [], reported });
  }

  #progress(key: number, loaded: number, total: number): void {
    if (this.#find(key).state === 'paused') return; // what was on its way when it was paused
    const begun = this.#begun.get(key);
    if (begun === undefined) return;
    // What had arrived before this try says nothing about the speed.
    begun.bytes ??= loaded;
    const seconds = (performance.now() - begun.at) / 1000;
    this.#change(key, {
      state: 'sending',
      loaded,
      total,
      speed: seconds > 1 ? (loaded - begun.bytes) / seconds : null,
    });
  }

  /** Every octet has arrived; the server seals, and says how far it is. */
  async #waitForSealing(key: number): Promise<void> {
    const { id } = this.#find(key);
    if (id === null) return this.#fail(key, new Problem({ title: broken() }));
    for (;;) {
      try {
        const { state, sealedShare, code, reasons } = await ask('getUpload', { params: { uploadId: id } });
        if (state === 'sealed') {
          await this.#sendCaptions(key, 'takeCaptions');
          await this.#sendReports(key);
          return this.#change(key, { state: 'done', undeclared: await declareKept(id) });
        }
        if (state === 'failed') {
          this.#change(key, { isOver: true });
          return this.#fail(
            key,
            new Problem({ title: text('uploadFailed'), code: code ?? 'PAGE', reasons: reasons as never }),
          );
        }
        this.#change(key, { sealedShare });
      } catch (error) {
        // The server may be away for a moment; a refusal is final.
        if (!(error instanceof Problem) || !error.isPassing) return this.#fail(key, asProblem(error));
      }
      await new Promise((resolve) => setTimeout(resolve, sealingEveryMs));
    }
  }

  #fail(key: number, problem: Problem): void {
    this.#change(key, { state: 'failed', problem });
    this.#next();
  }

  #watchGates(): void {
    this.#gateTimer ??= setInterval(() => {
      const waiting = this.#uploads.filter(({ state }) => state === 'gate');
      if (waiting.length === 0 && this.#gateTimer !== null) {
        clearInterval(this.#gateTimer);
        this.#gateTimer = null;
      }
      for (const { key } of waiting) this.#change(key, { state: 'queued' });
      this.#next();
    }, gateEveryMs);
  }
}

const broken = () => text('uploadBroken');
const asProblem = (error: unknown): Problem =>
  error instanceof Problem ? error : new Problem({ title: broken() }, { cause: error });
const idOf = (url: string | null): string | null => url?.split('/').at(-1) ?? null;

export const uploadQueue = new UploadQueue();
