import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Client } from '../client/api-client.ts';
import { ApiProblem, ServerUnreachable } from '../client/errors.ts';
import { retryDelaysMs } from '../client/send-resumable.ts';
import { mustHave } from '../domain/must-have.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { present } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatBytes, formatPercent, formatTime, plain } from './format.ts';
import { Interrupted, interruptible } from './interruption.ts';
import { createProgress } from './progress.ts';
import { type Recording, recordingText } from './show-recording.ts';
import { type UnfinishedUpload, unfinishedUploads } from './unfinished-uploads.ts';

const pollMs = 500;

interface UploadOptions {
  readonly lesson: string;
  readonly checksum: boolean;
  readonly retry: boolean;
  readonly singleRequest?: true;
  readonly captions?: string;
  readonly captionsLanguage?: string;
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.m4v': 'video/mp4',
  '.mov': 'video/quicktime',
  '.webm': 'video/webm',
  '.mkv': 'video/x-matroska',
  '.m4a': 'audio/mp4',
  '.mp3': 'audio/mpeg',
  '.wav': 'audio/wav',
  '.ogg': 'audio/ogg',
  '.flac': 'audio/flac',
};

/** By the file's name; the server checks the content itself. */
export function mediaTypeOf(path: string): string {
  return mediaTypes[extname(path).toLowerCase()] ?? 'application/octet-stream';
}

/** `upload FILE --lesson ID`, below `parent`. */
export function uploadCommand(cli: CommandLine, parent: Command): void {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.upload;
  parent
    .command('upload <file>')
    .description(t.upload)
    .requiredOption('--lesson <id>', t.lesson)
    .option('--no-checksum', t.checksum)
    .option('--no-retry', t.retry)
    .option('--single-request', t.single)
    .option('--captions <file>', t.captions)
    .option('--captions-language <code>', t.captionsLanguage)
    .action((path: string, options: UploadOptions) => interruptible((signal) => upload(path, options, signal)));

  async function upload(path: string, options: UploadOptions, signal: AbortSignal): Promise<void> {
    const found = await stat(path);
    if (!found.isFile()) throw new UsageError(fill(t.notFile, { file: path }));
    const client = await cli.client();
    const withProgress = async <T>(
      label: string,
      work: (update: (done: number, total: number) => void) => Promise<T>,
    ) => {
      const progress = createProgress(terminal, language, { label, quiet: cli.isJson() });
      try {
        return await work(progress.update);
      } finally {
        progress.end();
      }
    };
    // A closed gate is worth knowing before gigabytes are read; the upload itself then reports why, and is on the log.
    const gate = await client.call('getGate', { params: { lessonId: options.lesson } });
    const digest = () => withProgress(t.reading, (update) => digestFile(path, found.size, update, signal));
    const sent = await (options.singleRequest ? sendAtOnce : sendAndSeal)(client);
    let recording = sent;
    try {
      if (options.captions !== undefined) recording = await sendCaptions(client, sent.id, options.captions);
    } finally {
      // Captions that are refused are told after it: the recording is safe without them.
      cli.show(recording, (one) => `${recordingText(one, language)}\n\n${fill(t.sealed, { id: one.id })}`);
    }

    async function sendCaptions(client: Client, recordingId: string, file: string): Promise<Recording> {
      const fields = present({ language: options.captionsLanguage });
      await client.upload('takeCaptions', { params: { recordingId }, fields, file: { path: file } });
      return client.call('getRecording', { params: { recordingId } });
    }

    async function sendAtOnce(client: Client): Promise<Recording> {
      let isSent = false;
      try {
        const fields = { bytes: found.size, ...(options.checksum && gate.holds ? { sha256: await digest() } : {}) };
        // The same request again with the same key: the server says what became of the first before a byte is sent.
        const headers = { 'Idempotency-Key': randomUUID() };
        const send = () =>
          withProgress(t.sending, (update) =>
            client.upload(
              'uploadRecording',
              { params: { lessonId: options.lesson }, fields, file: { path, type: mediaTypeOf(path) } },
              {
                headers,
                onProgress(done, total) {
                  isSent = done === total;
                  update(done, total);
                },
                signal,
              },
            ),
          );
        return await (options.retry ? untilAnswered(send, () => isSent) : send());
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        const farewell = isSent ? fill(t.stoppedSent, { lesson: options.lesson }) : t.stoppedNothing;
        throw new Interrupted(error.signal, farewell);
      }
    }

    /** Repeats a request whose answer is in doubt, or that the server had no time for. */
    async function untilAnswered<T>(send: () => Promise<T>, wasSent: () => boolean): Promise<T> {
      for (const pauseMs of retryDelaysMs) {
        try {
          return await send();
        } catch (error) {
          const isLost = error instanceof ServerUnreachable && wasSent();
          if (!isLost && !isPassing(error)) throw error;
        }
        cli.tell(t.inDoubt);
        await wait(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
      return send();
    }

    /** Sends a resumable upload: if interrupted, the same command resumes where it stopped. */
    async function sendAndSeal(client: Client): Promise<Recording> {
      const unfinished = unfinishedUploads(terminal.env);
      const file = { server: client.baseUrl, lesson: options.lesson, path: resolve(path) };
      const version = { bytes: found.size, modifiedMs: found.mtimeMs };
      const { current: before, outdated } = await unfinished.find(file, version);
      if (before) cli.tell(t.goesOn);
      for (const { url } of outdated) cli.tell(fill(t.changed, { id: idOf(url) }));
      if (outdated.length > 0) await unfinished.forget(file);
      const isReading = before === null && options.checksum && gate.holds;
      let url = before?.url;
      try {
        const sha256 = before?.sha256 ?? (isReading ? await digest() : undefined);
        url = await send(client, { url, sha256, save: (record) => unfinished.save(file, version, record) }, (fresh) => {
          url = fresh;
        });
        await waitForSealing(client, idOf(url), () => unfinished.forget(file));
      } catch (error) {
        if (error instanceof Interrupted) throw new Interrupted(error.signal, await farewell(client, url));
        throw error;
      }
      await unfinished.forget(file);
      return client.call('getRecording', { params: { recordingId: idOf(url) } });
    }

    function send(
      client: Client,
      {
        url,
        sha256,
        save,
      }: { url: string | undefined; sha256: string | undefined; save: (record: UnfinishedUpload) => Promise<void> },
      onUrl: (url: string) => void,
    ): Promise<string> {
      let isWaiting = false;
      return withProgress(t.sending, (update) =>
        client.sendResumable(options.lesson, {
          path,
          bytes: found.size,
          metadata: {
            filename: basename(path),
            filetype: mediaTypeOf(path),
            lastmodified: String(Math.floor(found.mtimeMs)),
            ...(sha256 ? { sha256 } : {}),
          },
          url,
          onUrl(fresh) {
            onUrl(fresh);
            return save({ url: fresh, ...(sha256 ? { sha256 } : {}) });
          },
          onWait() {
            if (!isWaiting) cli.tell(t.waits);
            isWaiting = true;
          },
          onProgress(done, total) {
            isWaiting = false;
            update(done, total);
          },
          signal,
          ...(options.retry ? {} : { retryDelays: [] }),
        }),
      );
    }

    async function waitForSealing(client: Client, uploadId: string, forget: () => Promise<void>): Promise<void> {
      await withProgress(t.sealing, async (update) => {
        for (;;) {
          signal.throwIfAborted();
          const upload = await client.call('getUpload', { params: { uploadId } }).catch((error) => {
            // Every byte is safe: a server that is away for a moment is asked again.
            if (options.retry && (isPassing(error) || error instanceof ServerUnreachable)) return null;
            throw error;
          });
          if (upload === null) {
            await wait(retryDelaysMs.at(-1));
            continue;
          }
          update(Math.round(upload.sealedShare * upload.bytes), upload.bytes);
          if (upload.state === 'failed') {
            await forget();
            const { code, reasons } = upload;
            const why = mustHave(code, 'code of an upload that failed');
            throw new ApiProblem({ type: '', title: t.failed, status: 422, code: why, reasons, requestId: '' });
          }
          if (upload.state === 'sealed') return;
          await wait(pollMs);
        }
      });
    }

    /** Tells a person who stops how to go on. */
    async function farewell(client: Client, url: string | undefined): Promise<string> {
      if (url === undefined) return t.stoppedNothing;
      const id = idOf(url);
      try {
        const { state, offset, bytes, expiresAt } = await client.call('getUpload', { params: { uploadId: id } });
        if (state !== 'receiving') return t.stoppedSealing;
        const sizes = { done: formatBytes(offset, language), total: formatBytes(bytes, language) };
        return fill(t.stopped, { ...sizes, until: formatTime(expiresAt), id });
      } catch (error) {
        if (error instanceof ServerUnreachable || error instanceof ApiProblem) return t.stoppedAway;
        throw error;
      }
    }
  }
}

/** 503, or an upload with the same key that has not ended: the same request may be sent again. */
const isPassing = (error: unknown): boolean =>
  error instanceof ApiProblem && (error.status === 503 || error.reasons.some(({ code }) => code === 'UPLOAD_ARRIVING'));

const idOf = (url: string) => url.slice(url.lastIndexOf('/') + 1);

/** `uploads list` and `uploads cancel ID`: uploads that have not become a recording yet. */
export function uploadsCommands(cli: CommandLine): void {
  const { language, program } = cli;
  const t = textsIn(language).cli.upload;
  const names = { receiving: t.receiving, sealing: t.sealing, failed: t.failedState, sealed: t.sealedState };
  const uploads = program.command('uploads').description(t.uploads);
  uploads
    .command('list')
    .description(t.list)
    .action(async () => {
      cli.show(await (await cli.client()).call('listUploads'), ({ items }) =>
        items.length === 0
          ? t.none
          : items
              .map(({ id, state, offset, bytes, fileName, lessonTitle, reasons }) => {
                const line = `${id}  ${names[state]}  ${formatPercent(offset, bytes, language)} / ${formatBytes(bytes, language)}  ${plain(fileName ?? '–')}  ${plain(lessonTitle)}`;
                return [line, ...reasons.map((reason) => `  - ${plain(reason.text)}`)].join('\n');
              })
              .join('\n'),
      );
    });
  uploads
    .command('cancel <id>')
    .description(t.cancel)
    .action(async (uploadId: string) => {
      await (await cli.client()).call('cancelUpload', { params: { uploadId } });
      cli.show({ cancelled: true }, () => t.cancelled);
    });
}

/** SHA-256 of a file, read once in constant memory. */
export async function digestFile(
  path: string,
  totalBytes: number,
  onProgress: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  let done = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    signal?.throwIfAborted();
    hash.update(chunk);
    done += chunk.length;
    onProgress(done, totalBytes);
  }
  return hash.digest('hex');
}
