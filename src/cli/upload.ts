import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Command } from 'commander';
import { type CommandLine, UsageError } from './command-line.ts';
import { fill, pick } from './language.ts';
import { createProgress } from './progress.ts';
import { recordingText } from './show-recording.ts';

const words = {
  upload: { en: 'upload the recording of a lesson', tr: 'bir dersin kaydını yükle' },
  lesson: { en: 'id of the lesson', tr: 'dersin kimliği' },
  checksum: { en: 'do not compute the SHA-256 before sending', tr: 'göndermeden önce SHA-256 hesaplama' },
  reading: { en: 'Reading', tr: 'Okunuyor' },
  sending: { en: 'Sending', tr: 'Gönderiliyor' },
  sealed: {
    en: 'Sealed: every byte is encrypted, stored and accounted for. Watch the check with: emanet status {id} --wait',
    tr: 'Mühürlendi: her bayt şifrelendi, saklandı ve sayıldı. Denetimi izlemek için: emanet status {id} --wait',
  },
  notFile: { en: '{file} is not a file.', tr: '{file} bir dosya değil.' },
};

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

/** By the file's name; the server looks into the file itself. */
export function mediaTypeOf(path: string): string {
  return mediaTypes[extname(path).toLowerCase()] ?? 'application/octet-stream';
}

/** `upload FILE --lesson ID`, below `parent`. */
export function uploadCommand(cli: CommandLine, parent: Command): void {
  const { language, terminal } = cli;
  const t = pick(words, language);
  parent
    .command('upload <file>')
    .description(t.upload)
    .requiredOption('--lesson <id>', t.lesson)
    .option('--no-checksum', t.checksum)
    .action(async (path: string, options: { lesson: string; checksum: boolean }) => {
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
      // A closed gate is worth knowing before gigabytes are read; the upload itself then says why, and is on the log.
      const gate = await client.call('getGate', { params: { lessonId: options.lesson } });
      const sha256 =
        options.checksum && gate.holds
          ? await withProgress(t.reading, (update) => digestFile(path, found.size, update))
          : undefined;
      const recording = await withProgress(t.sending, (update) =>
        client.upload(
          'uploadRecording',
          {
            params: { lessonId: options.lesson },
            fields: { bytes: found.size, ...(sha256 ? { sha256 } : {}) },
            file: { path, type: mediaTypeOf(path) },
          },
          { onProgress: update },
        ),
      );
      cli.show(recording, (one) => `${recordingText(one, language)}\n\n${fill(t.sealed, { id: one.id })}`);
    });
}

/** SHA-256 of a file, read once in constant memory. */
export async function digestFile(
  path: string,
  totalBytes: number,
  onProgress: (done: number, total: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  let done = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk);
    done += chunk.length;
    onProgress(done, totalBytes);
  }
  return hash.digest('hex');
}
