import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskStore } from '../adapters/disk/disk-store.ts';
import { startEmbeddedPostgres } from '../adapters/embedded-postgres/embedded-postgres.ts';
import { clearDatabase, readTargetState } from '../adapters/postgres-copy/load.ts';
import { type OpenDatabase, openDatabase } from '../adapters/prisma/database.ts';
import { canonicalJson } from '../audit/canonical-json.ts';
import type { Id } from '../domain/ids.ts';
import { mustHave } from '../domain/must-have.ts';
import { catchUpLog } from '../pipeline/backup/catch-up-log.ts';
import { eachOf, readCopy, type Told } from '../pipeline/backup/copy-objects.ts';
import { isOfErased, listErased } from '../pipeline/backup/erased.ts';
import { listBackups, openManifest } from '../pipeline/backup/manifest.ts';
import { readObjectList } from '../pipeline/backup/object-list.ts';
import { BackupRefused } from '../pipeline/backup/refusal.ts';
import { restoreObjects } from '../pipeline/backup/restore-objects.ts';
import { putText, signingKey } from '../pipeline/core/signed-text.ts';
import { findSealed, recoverOne } from '../pipeline/keys/recover.ts';
import { checkAudit } from '../pipeline/oversight/check-audit.ts';
import { publishLog } from '../pipeline/oversight/publish-log.ts';
import type { Caller } from '../pipeline/ports/caller.ts';
import type { ObjectStore } from '../pipeline/ports/object-store.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import { signDetached } from '../vault/sign.ts';
import { createDatabase } from './first-start.ts';
import { loadRows } from './load-rows.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'logSigner' | 'clock' | 'settings'>;

export interface DrillAsked {
  /** Whose backup it is; null: that of the first school. */
  readonly school: Id | null;
  readonly place: ObjectStore;
  /** In this folder another one is made, and removed again. */
  readonly scratch: string;
  /** An empty database, as its owner; without it an embedded one is made. */
  readonly databaseUrl: string | undefined;
  readonly tell: Told;
}

/** What a drill found, as its certificate says it. */
export interface DrillPassed {
  readonly backup: Id;
  readonly at: string;
  readonly objects: number;
  readonly entries: number;
  readonly recording: { readonly id: Id; readonly bytes: number; readonly sha256: string };
  /** Canonical JSON, and its detached OpenPGP signature. */
  readonly certificate: string;
  readonly signature: string;
  readonly sha256: string;
}

const caller: Caller = { actor: { kind: 'system', id: 'drill' } };

/**
 * Restores the newest backup into a scratch place: rows into a database of its own, one recording into a folder. Reads every
 * object of the backup against its digest, opens the recording from beginning to end, and checks the log up to the newest head
 * that this school has published. Nothing of the school is touched but the log and the certificate.
 * @throws BackupRefused, VaultCorrupt, KeyRefused, which go onto the log too.
 */
export async function runDrill(outside: Needs, asked: DrillAsked): Promise<DrillPassed> {
  const folder = await mkdtemp(join(asked.scratch, 'emanet-drill-'));
  try {
    const passed = await drillIn(folder, outside, asked);
    await outside.database.transact(caller, (tx) =>
      tx.log({
        action: 'drill.passed',
        outcome: 'done',
        object: { kind: 'backup', id: passed.backup },
        details: { objects: passed.objects, entries: passed.entries, certificate: passed.sha256 },
      }),
    );
    return passed;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code).slice(0, 64) : 'FAULT';
    await outside.database.transact(caller, (tx) =>
      tx.log({ action: 'drill.failed', outcome: 'failed', details: { code } }),
    );
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function drillIn(
  folder: string,
  outside: Needs,
  { school, place, databaseUrl, tell }: DrillAsked,
): Promise<DrillPassed> {
  const { keyring, clock } = outside;
  const begunAt = clock();
  const opening = keyring.openingKeys;
  const id = (await listBackups(place)).at(-1);
  if (id === undefined) throw new BackupRefused('NO_BACKUP');
  const manifest = await openManifest(place, id, { opening, verifying: keyring.verifyingKeys });
  const isOurs = manifest.origin === outside.logSigner.name && (school === null || manifest.school === school);
  if (!isOurs) throw new BackupRefused('ANOTHER_SCHOOL', { origin: manifest.origin });
  const own = await openScratch(folder, databaseUrl);
  let scratchDatabase: OpenDatabase | null = null;
  try {
    const loaded = await loadRows(own.ownerUrl, [{ place, manifest, opening }], { isReplacing: false, tell });
    const { unplaced } = mustHave(loaded[0], 'rows of the backup');
    scratchDatabase = openDatabase({ url: own.url, clock, maxConnections: 4 });
    const database = school === null ? scratchDatabase : scratchDatabase.ofSchool(school);
    const scratch = { ...outside, database, objects: new DiskStore({ folder: join(folder, 'objects') }) };
    // Of what was erased since the backup nothing may be there any more.
    const erased = await listErased(outside);
    const chosen = await chooseRecording(database, erased);
    const isOfIt = (key: string) => key.startsWith(`recordings/${chosen.id}/`);
    await restoreObjects(scratch, { place, manifest, newest: manifest, opening, tell: () => {}, wanted: isOfIt });
    let done = 0;
    await eachOf(readObjectList(place, manifest, opening), async (kept) => {
      if (isOfErased(kept.key, erased)) return;
      for await (const piece of readCopy(place, kept, opening)) done += piece.length;
      tell({ stage: 'objects', done, total: manifest.objects.bytes });
    });
    const recording = await openRecording(scratch, chosen);
    tell({ stage: 'log', done: 0, total: 0 });
    await publishLog(outside);
    // The head that counts is the one in the store of the school, not the one that was backed up.
    const log = await catchUpLog({ ...scratch, objects: outside.objects }, unplaced);
    const check = await checkAudit(scratch, caller);
    if (!check.intact || log.signedAt === null) throw new BackupRefused('LOG_DIFFERS');
    const { at, objects } = manifest;
    const certificate = canonicalJson({
      kind: 'emanet.drill-certificate',
      v: 1,
      origin: manifest.origin,
      backup: id,
      backupAt: at,
      begunAt: begunAt.toISOString(),
      issuedAt: clock().toISOString(),
      database: { migrations: manifest.migrations.length, recordings: await database.read.recording.count() },
      objects: { count: objects.count, bytes: objects.bytes, digests: 'all' },
      recording,
      log: { inBackup: log.before, checked: log.signedAt, root: check.checkpoint.root },
    });
    const signature = await signDetached(certificate, signingKey(outside));
    for (const store of [outside.objects, place]) {
      await putText({ objects: store }, `certificates/drills/${id}.json`, certificate);
      await putText({ objects: store }, `certificates/drills/${id}.asc`, signature);
    }
    const sha256 = createHash('sha256').update(certificate).digest('hex');
    return {
      backup: id,
      at,
      objects: objects.count,
      entries: log.signedAt,
      recording,
      certificate,
      signature,
      sha256,
    };
  } finally {
    await scratchDatabase?.close();
    await own.clear();
  }
}

/** The database of a drill: one that was given, which stays empty, or an embedded one, which goes with its folder. */
async function openScratch(folder: string, given: string | undefined) {
  if (given !== undefined) return { ownerUrl: given, url: given, clear: () => clearDrilled(given) };
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres'), settings: { fsync: 'off' } });
  const secret = () => randomBytes(24).toString('base64url');
  const urls = await createDatabase(postgres, { owner: secret(), server: secret() }, 'drill');
  return { ownerUrl: urls.owner, url: urls.server, clear: () => postgres.stop() };
}

/** Only what a drill has loaded: it never takes its own mark away. */
async function clearDrilled(ownerUrl: string): Promise<void> {
  if ((await readTargetState(ownerUrl)) === 'unfinished') await clearDatabase(ownerUrl);
}

/** One at random, so that each drill opens another. */
async function chooseRecording({ read }: Pick<Outside['database'], 'read'>, erased: ReadonlySet<Id>) {
  const where = { sealedId: { not: null }, id: { notIn: [...erased] } };
  const count = await read.recording.count({ where });
  if (count === 0) throw new BackupRefused('NO_RECORDING');
  const skip = randomBytes(4).readUInt32BE() % count;
  const row = await read.recording.findFirst({ where, orderBy: { id: 'asc' }, skip, include: { sealed: true } });
  const { id, sealed } = mustHave(row, 'recording to open');
  return { id, sealed: mustHave(sealed, 'sealed object of a recording') };
}

/** By envelope and body in the store, as after the loss of an epoch's key; the row says what has to come out. */
async function openRecording(
  { objects, keyring }: Pick<Outside, 'objects' | 'keyring'>,
  { id, sealed }: Awaited<ReturnType<typeof chooseRecording>>,
): Promise<DrillPassed['recording']> {
  for await (const found of findSealed(objects, '')) {
    if (found.sealedId !== sealed.id) continue;
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const piece of recoverOne(objects, found, keyring.openingKeys)) {
      hash.update(piece);
      bytes += piece.length;
    }
    const sha256 = hash.digest('hex');
    if (sha256 !== sealed.mediaSha256) throw new BackupRefused('DIGEST_DIFFERS', { key: sealed.bodyKey });
    return { id, bytes, sha256 };
  }
  throw new BackupRefused('OBJECT_MISSING', { key: sealed.bodyKey });
}
