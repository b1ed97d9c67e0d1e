import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { prefixedStore } from '../adapters/prefix/prefixed-store.ts';
import { type BackupOfSchool, drillOf, makeBackupsOf, type TakeOut } from '../assembly/make-backup.ts';
import { NoSuchPlace, openPlace } from '../assembly/open-place.ts';
import { type Restored, type RestoredPart, restore, restoredParts } from '../assembly/restore.ts';
import { schoolConfig } from '../assembly/schools.ts';
import { type Config, loadConfig } from '../config/env.ts';
import { ensurePrivateFolder } from '../config/secrets.ts';
import { keptUnknownDays } from '../domain/backup.ts';
import { type Id, isId } from '../domain/ids.ts';
import { makeBackupKey } from '../keys/backup-keys.ts';
import { readKeyFolder } from '../keys/key-folder.ts';
import { openKeyring } from '../keys/live-keyring.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import type { Text } from '../language/texts.ts';
import type { Told } from '../pipeline/backup/copy-objects.ts';
import { folderOfSchool, listBackups, openManifest } from '../pipeline/backup/manifest.ts';
import { BackupRefused } from '../pipeline/backup/refusal.ts';
import { KeyRefused, VaultCorrupt } from '../vault/errors.ts';
import type { OpeningKey } from '../vault/keyring.ts';
import { argumentsIn } from './arguments.ts';
import { type CommandLine, exitCodes, UsageError } from './command-line.ts';
import { formatBytes, formatTime, table } from './format.ts';
import { createBar } from './progress.ts';
import { readPrivateKeys } from './read-private-keys.ts';
import { storeRefusalOf } from './store-refusal.ts';

interface BackupOptions {
  readonly to?: string;
  readonly keysTo?: string;
  readonly school?: string;
  readonly keep?: number;
  readonly takeOut?: string;
  readonly for?: string;
}

/** Where a school goes, in characters. */
const mostWhere = 200;

interface KeyOptions {
  readonly key?: string;
  readonly passphraseFile?: string;
}

/**
 * For the operator, on the server's own machine and with the server's settings; no server is needed. Exit status 0: done; 1:
 * refused, or something is damaged or lost; 2: wrong usage; 3: the place or the store does not answer.
 */
export function backupCommands(cli: CommandLine): void {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.backup;
  const { labels } = textsIn(language);
  const { wholeNumber, choices, address } = argumentsIn(language);
  const bytes = (count: number) => formatBytes(count, language);

  const settingsFor = (home = terminal.env.EMANET_HOME || join(import.meta.dirname, '../../.emanet')) =>
    loadConfig({ ...terminal.env, EMANET_HOME: resolve(home) });
  /** Does the work with progress; what is refused is told in the reader's language. */
  const working = async (work: (tell: Told) => Promise<void>) => {
    const stages = createStages(cli, bytes);
    try {
      await work(stages.tell);
    } catch (error) {
      const why = refusalOf(error, t);
      if (why === null) throw error;
      stages.end();
      terminal.stderr.write(cli.isJson() ? `${JSON.stringify({ error: why }, null, 2)}\n` : `${why.message}\n`);
      cli.setExitCode(exitCodes.refused);
    } finally {
      stages.end();
    }
  };

  const backup = cli.program
    .command('backup')
    .description(t.backup)
    .option('--to <place>', t.to)
    .option('--keys-to <file>', t.keysTo)
    .option('--school <school>', t.school)
    .option('--keep <count>', t.keep, wholeNumber)
    .option('--take-out <where>', t.takeOut)
    .option('--for <file>', t.for)
    .action((options: BackupOptions) =>
      working(async (tell) => {
        const config = settingsFor();
        const to = options.to ?? config.BACKUP_TO;
        if (to === undefined) throw new UsageError(t.needsTo);
        const takeOut = takeOutOf(options);
        await assertHasKeys(config, textsIn(language).cli.keys.noKeys);
        assertApart(to, options.keysTo, t.notApart);
        const keep = options.keep === undefined ? null : Math.max(1, options.keep);
        const asked = { to, keysTo: options.keysTo ?? null, school: options.school ?? null, keep, takeOut, tell };
        const { others, ...first } = await makeBackupsOf(config, asked);
        const all = [first, ...others];
        if (all.some(({ damaged, missing }) => damaged.length + missing.length > 0)) cli.setExitCode(exitCodes.refused);
        cli.show({ ...first, others }, () => all.map((made) => backupText(made, to)).join('\n'));
      }),
    );
  backup
    .command('key')
    .description(t.key)
    .option('--v6', t.v6)
    .action((options: { v6?: true }) =>
      working(async () => {
        const config = settingsFor();
        // A machine that a school is put into has no keys yet.
        await ensurePrivateFolder(config.EMANET_HOME);
        const made = await makeBackupKey(config.EMANET_HOME, options.v6 ? 6 : 4);
        cli.show(made, () => fill(t.keyMade, made));
      }),
    );
  withKey(
    backup.command('list').description(t.list).option('--from <place>', t.from).option('--school <id>', t.listSchool),
    t,
  ).action((options: { from?: string; school?: string } & KeyOptions) =>
    working(async () => {
      const settings = settingsFor();
      const school = idOf(options.school ?? backup.opts<{ school?: string }>().school);
      const config = school === null ? settings : schoolConfig(settings, school);
      const whole = await openPlace(settings, placeOf(options.from ?? backup.opts<{ to?: string }>().to, settings), {
        mayMake: false,
      });
      const place = school === null ? whole : prefixedStore(whole, folderOfSchool(school));
      const keyring = await openKeyring(config, () => {});
      try {
        const opening = [...(await readKeys(options)), ...keyring.openingKeys];
        const items: { id: string; at: string; objects: number; bytes: number; keysSaved: boolean }[] = [];
        for (const id of await listBackups(place)) {
          const { at, objects, keys } = await openManifest(place, id, { opening, verifying: keyring.verifyingKeys });
          items.push({ id, at, objects: objects.count, bytes: objects.bytes, keysSaved: keys.isSaved });
        }
        cli.show({ items }, () =>
          items.length === 0
            ? t.noBackups
            : table(
                [t.Backup, t.At, t.Objects, t.Bytes, t.KeysSaved],
                items.map((one) => [
                  one.id,
                  formatTime(one.at),
                  one.objects,
                  bytes(one.bytes),
                  one.keysSaved ? t.yes : t.no,
                ]),
              ),
        );
      } finally {
        keyring.close();
      }
    }),
  );

  withKey(
    cli.program
      .command('restore')
      .description(t.restore)
      .option('--from <place>', t.from)
      .option('--into <folder>', t.into)
      .option('--keys <file>', t.keysFile)
      .option('--school <id>', t.restoreSchool)
      .option('--backup <id>', t.backupId)
      .option('--only <parts>', t.only, choices(restoredParts))
      .option('--replace', t.replace)
      .option('--older', t.older)
      .option('--only-here', t.onlyHere)
      .option('--address <old=new>', t.address, address),
    t,
  ).action(
    (
      options: {
        from?: string;
        into?: string;
        keys?: string;
        school?: string;
        backup?: string;
        only?: RestoredPart[];
        replace?: true;
        older?: true;
        onlyHere?: true;
        address?: ReadonlyMap<string, string>;
      } & KeyOptions,
    ) =>
      working(async (tell) => {
        const config = settingsFor(options.into);
        const parts = options.only ?? restoredParts;
        const isKeysAlone = parts.every((part) => part === 'keys');
        if (isKeysAlone && options.keys === undefined) throw new UsageError(t.needsKeysFile);
        if (options.keys !== undefined && options.key === undefined) throw new UsageError(t.needsKey);
        const isOfRows = parts.some((part) => part === 'database' || part === 'log');
        const needsOwner = isOfRows || options.school !== undefined;
        if (needsOwner && config.DATABASE_URL !== undefined && config.DATABASE_OWNER_URL === undefined)
          throw new UsageError(t.needsOwner);
        const isFromBackup = parts.some((part) => part === 'database' || part === 'objects');
        const place = !isFromBackup ? null : await openPlace(config, placeOf(options.from, config), { mayMake: false });
        if (options.school === undefined && (options.onlyHere || options.address)) throw new UsageError(t.needsSchool);
        const { others, without, takenOut, ...first } = await restore(config, {
          school: idOf(options.school),
          place,
          backup: options.backup ?? null,
          parts,
          keysFile: options.keys ?? null,
          backupKeys: await readKeys(options),
          isReplacing: options.replace === true,
          isOlderWanted: options.older === true,
          isOnlyHere: options.onlyHere === true,
          addresses: options.address ?? new Map(),
          tell,
        });
        const all = [first, ...others];
        if (all.some(({ lost, notErased }) => lost.length + notErased > 0) || without.length > 0)
          cli.setExitCode(exitCodes.refused);
        const isServed = all.some(({ backup: id, log }) => id !== null || log !== null);
        cli.show({ ...first, others, without, takenOut }, () =>
          [
            ...all.map(restoredText),
            ...without.map((id) => fill(t.without, { id })),
            ...takenOut.map((id) => fill(t.leftOut, { id })),
            ...(isServed ? [t.begin] : []),
          ].join('\n'),
        );
      }),
  );

  cli.program
    .command('drill')
    .description(t.drill)
    .option('--from <place>', t.from)
    .option('--school <school>', t.drillSchool)
    .option('--scratch <folder>', t.scratch)
    .option('--output <file>', t.output)
    .action((options: { from?: string; school?: string; scratch?: string; output?: string }) =>
      working(async (tell) => {
        const config = settingsFor();
        await assertHasKeys(config, textsIn(language).cli.keys.noKeys);
        const place = await openPlace(config, placeOf(options.from, config), { mayMake: false });
        const { certificate, signature, ...passed } = await drillOf(config, options.school ?? null, {
          place,
          scratch: options.scratch ?? tmpdir(),
          databaseUrl: config.DRILL_DATABASE_URL,
          tell,
        });
        if (options.output !== undefined) {
          await writeFile(options.output, certificate);
          await writeFile(`${options.output}.asc`, signature);
        }
        const { backup: id, at, objects, entries, recording, sha256 } = passed;
        const opened = { recording: recording.id, bytes: bytes(recording.bytes) };
        cli.show(passed, () =>
          [
            fill(t.drillPassed, { id, at: formatTime(at), objects, entries, ...opened }),
            fill(t.certificate, { sha256 }),
          ].join('\n'),
        );
      }),
    );

  const placeOf = (given: string | undefined, config: Config): string => {
    const from = given ?? config.BACKUP_TO;
    if (from === undefined) throw new UsageError(t.needsFrom);
    return from;
  };

  const takeOutOf = ({ takeOut, for: keyFile, school, keysTo }: BackupOptions): TakeOut | null => {
    if (takeOut === undefined && keyFile !== undefined) throw new UsageError(t.forAlone);
    if (takeOut === undefined) return null;
    const to = takeOut.trim();
    if (to === '' || to.length > mostWhere) throw new UsageError(fill(t.where, { most: mostWhere }));
    if (school === undefined || keysTo === undefined) throw new UsageError(t.takeOutNeeds);
    return { to, keyFile: keyFile ?? null };
  };

  const idOf = (school: string | undefined): Id | null => {
    if (school !== undefined && !isId(school)) throw new UsageError(t.needsId);
    return school ?? null;
  };

  const readKeys = ({ key, passphraseFile }: KeyOptions): Promise<OpeningKey[]> => {
    const passphrase = terminal.env.EMANET_BACKUP_PASSPHRASE;
    return key === undefined ? Promise.resolve([]) : readPrivateKeys(key, { passphraseFile, passphrase }, t.badKey);
  };

  const backupText = (made: BackupOfSchool, place: string): string =>
    [
      ...ofSchool(made.school),
      fill(t.made, { ...made, bytes: bytes(made.bytes), copiedBytes: bytes(made.copiedBytes) }),
      ...made.damaged.map((key) => fill(t.damaged, { key })),
      ...made.missing.map((key) => fill(t.missing, { key })),
      ...(made.pruned === null ? [t.notPruned] : made.pruned.copies > 0 ? [fill(t.pruned, made.pruned)] : []),
      ...(made.keysTo === null ? [] : [fill(t.keysSaved, { path: made.keysTo })]),
      ...(made.areKeysSaved ? [] : [t.keysNotSaved]),
      ...(made.takenOut === null ? [] : [fill(t.takenOut, { id: made.takenOut, place, keys: made.keysTo ?? '' })]),
    ].join('\n');

  /** The first school is named by nothing: it may be alone. */
  const ofSchool = (id: Id | null) => (id === null ? [] : ['', fill(t.ofSchool, { id })]);

  const counted = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([action, count]) => {
      const words: Readonly<Record<string, string>> = labels.auditAction;
      return `  ${count} × ${words[action] ?? action} (${action})`;
    });

  const restoredText = (restored: Restored): string => {
    const { backup: id, at, objects, log, since } = restored;
    const lines = ofSchool(restored.school);
    if (restored.keys !== null) lines.push(fill(t.keysRestored, { written: restored.keys }));
    if (id !== null && at !== null) lines.push(fill(t.restored, { id, at: formatTime(at) }));
    else if (log === null) return lines.join('\n');
    if (objects !== null) lines.push(fill(t.objectsRestored, { ...objects, bytes: bytes(objects.bytes) }));
    if (log?.signedAt === null)
      lines.push(fill(t.logNoCopy, { before: log.before, at: at === null ? '–' : formatTime(at) }));
    else if (log) lines.push(fill(t.logCaughtUp, { ...log, signedAt: log.signedAt ?? 0 }));
    if (restored.putIn !== null) lines.push(fill(t.putIn, restored.putIn));
    if (since && Object.keys(since.repeated).length > 0) lines.push(t.repeated, ...counted(since.repeated));
    if (since && Object.keys(since.lost).length > 0) lines.push(t.lost, ...counted(since.lost));
    if (restored.unknown.length > 0)
      lines.push(fill(t.unknown, { days: keptUnknownDays }), ...restored.unknown.map((one) => `  ${one}`));
    lines.push(...restored.lost.map((key) => fill(t.lostBodies, { key })));
    if (restored.notErased > 0) lines.push(fill(t.notErased, { count: restored.notErased }));
    return lines.join('\n');
  };
}

type Words = ReturnType<typeof textsIn>['cli']['backup'];

function withKey<C extends ReturnType<CommandLine['program']['command']>>(command: C, t: Words): C {
  return command.option('--key <file>', t.keyFile).option('--passphrase-file <file>', t.passphraseFile) as C;
}

/** One line or bar for each stage, on stderr; for programs nothing. */
function createStages(cli: CommandLine, bytes: (count: number) => string) {
  const t = textsIn(cli.language).cli.backup;
  let stage: Parameters<Told>[0]['stage'] | null = null;
  let last = 0;
  const words = {
    database: () => fill(t.database, { bytes: bytes(last) }),
    load: () => fill(t.load, { bytes: bytes(last) }),
    log: () => t.log,
    erase: () => t.erase,
  };
  const newBar = () =>
    createBar(cli.terminal.stderr, (done, total) => fill(t.objects, { done: bytes(done), total: bytes(total) }));
  let bar: ReturnType<typeof createBar> | null = null;
  const end = () => {
    bar?.end();
    bar = null;
    if (stage === 'database' || stage === 'load') cli.tell(words[stage]());
    stage = null;
  };
  const tell: Told = ({ stage: now, done, total }) => {
    if (cli.isJson()) return;
    if (now !== stage) {
      end();
      stage = now;
      if (now === 'log' || now === 'erase') cli.tell(words[now]());
    }
    last = done;
    if (now !== 'objects') return;
    bar ??= newBar();
    bar.update(done, total);
  };
  return { tell, end };
}

async function assertHasKeys(config: Config, text: Text<'home'>): Promise<void> {
  const home = config.EMANET_HOME;
  if (config.VAULT_PRIVATE_KEY === undefined && (await readKeyFolder(home)).length === 0)
    throw new UsageError(fill(text, { home }));
}

function assertApart(to: string, keysTo: string | undefined, text: Text<'path' | 'place'>): void {
  if (keysTo === undefined || to.startsWith('s3://')) return;
  const path = relative(resolve(to), resolve(keysTo));
  if (!path.startsWith('..') && basename(path) !== '') throw new UsageError(fill(text, { path: keysTo, place: to }));
}

function refusalOf(error: unknown, t: Words): { readonly code: string; readonly message: string } | null {
  const text = (code: string, params: Readonly<Record<string, string | number>>) => {
    const words: Readonly<Record<string, string>> = t.refusals;
    return { code, message: fill((words[code] ?? code) as Text<string>, params) };
  };
  if (error instanceof BackupRefused) return text(error.code, error.params);
  if (error instanceof NoSuchPlace) throw new UsageError(fill(t[error.why] as Text<string>, { path: error.message }));
  const denied = storeRefusalOf(error);
  if (denied !== null) throw new UsageError(fill(t.denied, { why: denied }));
  if (error instanceof VaultCorrupt) return text('VAULT', { why: error.code });
  return error instanceof KeyRefused ? text('KEY', { why: error.code }) : null;
}
