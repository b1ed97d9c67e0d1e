import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DiskStore } from '../adapters/disk/disk-store.ts';
import { S3Store } from '../adapters/s3/s3-store.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { type Found, findSealed, recoverOne } from '../pipeline/keys/recover.ts';
import { ObjectMissing, type ObjectStore, StoreUnavailable } from '../pipeline/ports/object-store.ts';
import { KeyRefused, VaultCorrupt } from '../vault/errors.ts';
import type { OpeningKey } from '../vault/keyring.ts';
import { type CommandLine, exitCodes, UsageError } from './command-line.ts';
import { formatBytes, formatTime, table } from './format.ts';
import { readPrivateKeys } from './read-private-keys.ts';
import { saveStream } from './save-stream.ts';
import { storeRefusalOf } from './store-refusal.ts';

interface Options {
  key?: string;
  passphraseFile?: string;
  from: string;
  to?: string;
  list?: true;
  only?: string;
}

/**
 * Needs neither database nor server. Exit status 0: all recovered; 1: some failed or are erased, or the store is empty;
 * 2: wrong usage, or the store refuses; 3: the store does not answer.
 */
export function recoverCommand(cli: CommandLine): void {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.recover;
  cli.program
    .command('recover')
    .description(t.recover)
    .option('--key <file>', t.key)
    .option('--passphrase-file <file>', t.passphraseFile)
    .requiredOption('--from <place>', t.from)
    .option('--to <folder>', t.to)
    .option('--list', t.list)
    .option('--only <id>', t.only)
    .action(async (options: Options) => {
      const { objects, prefix } = openPlace(options.from, terminal.env, t);
      const found: Found[] = [];
      try {
        for await (const one of findSealed(objects, prefix))
          if (options.only === undefined || [one.ownerId, one.sealedId].includes(options.only)) found.push(one);
      } catch (error) {
        const why = storeRefusalOf(error);
        throw why === null ? error : new UsageError(fill(t.denied, { place: options.from, why }));
      }
      if (found.length === 0) cli.setExitCode(exitCodes.refused);
      if (options.list) {
        cli.show({ items: found }, ({ items }) => (items.length === 0 ? t.nothing : listText(items)));
        return;
      }
      if (options.to === undefined || options.key === undefined) throw new UsageError(t.needsTo);
      const { passphraseFile } = options;
      const passphrase = terminal.env.EMANET_RECOVERY_PASSPHRASE;
      const keys = await readPrivateKeys(options.key, { passphraseFile, passphrase }, t.badKey);
      await mkdir(options.to, { recursive: true, mode: 0o700 });
      const results = [];
      for (const one of found) results.push(await recover(objects, one, keys, options.to));
      const failed = results.filter(({ why }) => why !== null).length;
      if (failed > 0) cli.setExitCode(exitCodes.refused);
      cli.show({ items: results }, () =>
        found.length === 0 ? t.nothing : fill(t.total, { saved: results.length - failed, failed }),
      );
    });

  const listText = (items: readonly Found[]) =>
    table(
      [t.Kind, t.Owner, t.Sealed, t.Bytes, t.At, t.Erased, t.Envelope],
      items.map((one) => [
        one.kind,
        one.ownerId,
        one.sealedId,
        one.bodyBytes === null ? '–' : formatBytes(one.bodyBytes, language),
        formatTime(one.sealedAt.toISOString()),
        one.isErased ? t.yes : '',
        one.hasEnvelope ? '' : t.missing,
      ]),
    );

  const recover = async (objects: ObjectStore, one: Found, keys: readonly OpeningKey[], folder: string) => {
    const file = join(folder, `${one.kind}-${one.ownerId}-${one.sealedId}`);
    const notRecovered = (why: string) => {
      cli.tell(fill(t.failed, { id: `${one.ownerId}/${one.sealedId}`, why }));
      return { ownerId: one.ownerId, sealedId: one.sealedId, file: null, bytes: null, why };
    };
    if (one.isErased) return notRecovered(fill(t.erased, { id: one.ownerId }));
    if (!one.hasEnvelope) return notRecovered(t.noEnvelope);
    try {
      const stream = Readable.from(recoverOne(objects, one, keys), { objectMode: false });
      const bytes = await saveStream(stream, file);
      cli.tell(fill(t.saved, { file, bytes: formatBytes(bytes, language) }));
      return { ownerId: one.ownerId, sealedId: one.sealedId, file, bytes, why: null };
    } catch (error) {
      const why = whyNot(error);
      if (why === null) throw error;
      return notRecovered(why);
    }
  };
}

/** The fault of this object; null for any other fault, after which the command stops. */
function whyNot(error: unknown): string | null {
  if (error instanceof VaultCorrupt || error instanceof KeyRefused) return `${error.code}: ${error.message}`;
  if (error instanceof ObjectMissing) return 'BODY_MISSING';
  return error instanceof StoreUnavailable ? `STORE_UNAVAILABLE: ${error.message}` : null;
}

function openPlace(
  from: string,
  env: Readonly<Record<string, string | undefined>>,
  t: { noFolder: string; noCredentials: string },
): { objects: ObjectStore; prefix: string } {
  const [, bucket, folder] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(from) ?? [];
  if (bucket === undefined) {
    if (!existsSync(from)) throw new UsageError(fill(t.noFolder, { path: from }));
    return { objects: new DiskStore({ folder: from }), prefix: '' };
  }
  const { S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_REGION = 'us-east-1' } = env;
  if (!S3_ACCESS_KEY_ID || !S3_SECRET_ACCESS_KEY) throw new UsageError(t.noCredentials);
  const objects = new S3Store({
    endpoint: env.S3_ENDPOINT ?? `https://s3.${S3_REGION}.amazonaws.com`,
    region: S3_REGION,
    bucket,
    accessKeyId: S3_ACCESS_KEY_ID,
    secretAccessKey: S3_SECRET_ACCESS_KEY,
    maxAttempts: 5,
    onWarning: () => {},
  });
  const prefix = folder ? `${folder.replace(/\/+$/, '')}/` : '';
  return { objects, prefix };
}
