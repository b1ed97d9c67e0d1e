import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweepUploads } from '../../../src/pipeline/intake/sweep-uploads.ts';
import { checkAudit } from '../../../src/pipeline/oversight/check-audit.ts';
import { publishLog } from '../../../src/pipeline/oversight/publish-log.ts';
import type { Outside } from '../../../src/pipeline/ports/outside.ts';
import { finishErasure } from '../../../src/pipeline/retention/finish-erasure.ts';
import { BackupPlace, emanet, envOf, serving } from '../../support/backup.ts';
import { createReleased } from '../../support/released.ts';
import { createPermittedLesson, createSchool, eraseBy, ok, type School } from '../../support/school.ts';
import { createSealedRecording, keysUnder, readRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;
let backups: BackupPlace;
let released: Awaited<ReturnType<typeof createReleased>>;
let media: Buffer;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  released = await createReleased(server, school);
  media = await readRecording(server.context.outside, released.recordingId);
  backups = await BackupPlace.make();
  await mkdir(join(backups.folder, 'safe'));
  expect((await emanet(envOf(server), 'backup', '--to', backups.place)).code).toBe('NO_BACKUP_KEY');
  expect((await emanet(envOf(server), 'backup', 'key')).status).toBe(0);
  // Taken away, as its message asks.
  for (const name of ['backup.private.asc', 'backup.passphrase.txt'])
    await rename(join(server.home, 'keys', name), join(backups.folder, 'safe', name));
});
afterAll(async () => {
  await server?.stop();
  await backups?.remove();
});

test('the loss of the whole machine: an empty one serves the school again', async () => {
  const made = await emanet(envOf(server), 'backup', '--to', backups.place, '--keys-to', backups.keys);
  expect(made.err).toBe('');
  expect(made.said).toMatchObject({ damaged: [], missing: [], areKeysSaved: true });
  const machine = await backups.emptyMachine();
  const all = ['restore', '--from', backups.place, '--keys', backups.keys, ...backups.opener];
  const restored = await emanet(machine.env, ...all);
  expect(restored.err).toBe('');
  expect(restored.said).toMatchObject({ backup: made.said.id, unknown: [], lost: [], notErased: 0 });
  await serving(machine, async ({ context: { outside } }) => {
    expect((await readRecording(outside, released.recordingId)).equals(media)).toBe(true);
    const check = await checkAudit(outside, { actor: { kind: 'system', id: 'test' } });
    expect(check.intact).toBe(true);
    expect(await outside.database.read.session.count()).toBe(0);
  });
});

test('a second backup copies what is new, and a third one beside it is refused', async () => {
  const { outside } = server.context;
  const lesson = await createPermittedLesson(school);
  await createSealedRecording(outside, lesson.id, school.teacher.id, { renditionBytes: null });
  const [one, other] = await Promise.all([
    emanet(envOf(server), 'backup', '--to', backups.place),
    emanet(envOf(server), 'backup', '--to', backups.place),
  ]);
  const refused = one.status === 0 ? other : one;
  const made = one.status === 0 ? one : other;
  expect(refused).toMatchObject({ status: 1, code: 'ALREADY_RUNNING' });
  // One new body, its envelope, and what the log has got since.
  expect(made.said.copiedBytes).toBeGreaterThan(3 * 2 ** 20);
  expect(made.said.copiedBytes).toBeLessThan(3.2 * 2 ** 20);
  expect(made.said.bytes).toBeGreaterThan(6 * 2 ** 20);
  // Keys did not change: those of the first backup count.
  expect(made.said.areKeysSaved).toBe(true);
  const listed = await emanet(envOf(server), 'backup', 'list', '--from', backups.place);
  expect(listed.said.items).toHaveLength(2);
});

test('the loss of the database alone: what was taken away since stays away, and the log goes on', async () => {
  const { outside } = server.context;
  const late = await createReleased(server, school);
  const link = ok(await school.teacher.post(`/api/releases/${late.releaseId}/links`, { viewerName: 'Gül Example' }));
  const made = await emanet(envOf(server), 'backup', '--to', backups.place);
  expect(made.status).toBe(0);
  // All this the backup does not know.
  ok(await school.teacher.delete(`/api/links/${link.id}`));
  ok(await school.teacher.post(`/api/permissions/${late.lesson.permissions.minor}/withdraw`, { route: 'paper' }));
  ok(await school.admin.patch(`/api/staff/${school.otherTeacher.id}`, { disabled: true }));
  const newer = await createSealedRecording(outside, late.lesson.id, school.teacher.id, { renditionBytes: null });
  const head = await publishLog(outside).then(() =>
    outside.database.read.auditCheckpoint.findFirstOrThrow({ orderBy: { size: 'desc' } }),
  );

  const machine = await backups.machineWith(server.home);
  const restored = await emanet(machine.env, 'restore', '--from', backups.place);
  expect(restored.err).toBe('');
  expect(restored.said.log).toMatchObject({ signedAt: Number(head.size) });
  expect(restored.said.since.repeated).toMatchObject({
    'link.revoked': 1,
    'permission.withdrawn': 1,
    'staff.disabled': 1,
  });
  expect(restored.said.since.lost).toMatchObject({ 'recording.sealed': 1 });
  expect(restored.said.unknown).toEqual([newer.id]);
  await serving(machine, async ({ context }) => {
    const { database } = context.outside;
    const { read } = database;
    expect(await read.recording.findUniqueOrThrow({ where: { id: late.recordingId } })).toMatchObject({
      state: 'quarantined',
    });
    expect((await read.viewerLink.findUniqueOrThrow({ where: { id: link.id } })).revokedAt).not.toBeNull();
    expect((await read.user.findFirstOrThrow({ where: { id: school.otherTeacher.id } })).disabledAt).not.toBeNull();
    // The head that was published before the loss is one of this log's own, word for word.
    const own = await read.auditCheckpoint.findFirstOrThrow({ where: { size: head.size } });
    expect(Buffer.from(own.root).equals(Buffer.from(head.root))).toBe(true);
    await publishLog(context.outside);
    // Nothing sweeps away what no row knows any more.
    await sweepUploads(context.outside, { orphanAgeMs: 0 });
    expect(await keysUnder(context.outside, `recordings/${newer.id}/`)).toHaveLength(2);
  });
});

test('the loss of the keys alone', async () => {
  const machine = await backups.machineWith(server.home);
  const { home } = machine;
  for (const name of ['keys', 'secrets']) await rm(join(home, name), { recursive: true });
  const keys = ['restore', '--only', 'keys', '--keys', backups.keys];
  expect(await emanet(machine.env, 'backup', '--to', backups.place)).toMatchObject({ status: 2 });
  expect(await emanet(machine.env, ...keys)).toMatchObject({ status: 2 });
  const restored = await emanet(machine.env, ...keys, ...backups.opener);
  expect(restored.err).toBe('');
  expect(restored.said.keys).toBeGreaterThan(5);
  for (const folder of ['keys', 'secrets/epoch'])
    for (const file of (await readdir(join(home, folder))).filter((name) => /\.(asc|key)$/.test(name)))
      expect((await readFile(join(home, folder, file), 'utf8')).trim()).toBe(
        (await readFile(join(server.home, folder, file), 'utf8')).trim(),
      );
  // Those that are there already are left alone, and others are not overwritten.
  expect((await emanet(machine.env, ...keys, ...backups.opener)).said.keys).toBe(0);
  await writeFile(join(home, 'secrets/auth'), 'another');
  expect((await emanet(machine.env, ...keys, ...backups.opener)).code).toBe('KEYS_DIFFER');
});

test('from before an erasure: neither recording nor person comes back, whichever copy is lost', async () => {
  const { outside } = server.context;
  const gone = await createReleased(server, school);
  const person = ok(await school.admin.post('/api/persons', { name: 'Silinen Kayıpsız', roles: ['pupil'] }));
  const before = await emanet(envOf(server), 'backup', '--to', backups.place);
  expect(before.status).toBe(0);
  ok(await eraseBy(school, gone.recordingId));
  await finishErasure(outside, gone.recordingId, AbortSignal.timeout(30_000));
  const { digest } = ok(await school.admin.get(`/api/persons/${person.id}/erasure`));
  ok(await school.admin.post(`/api/persons/${person.id}/erasure`, { why: 'request', confirm: digest }));
  // The job that writes the tombstone has not run: the log's word stands in for it.
  await publishLog(outside);
  // The database alone: the tombstone is in the store.
  const machine = await backups.machineWith(server.home);
  expect((await emanet(machine.env, 'restore', '--from', backups.place)).said.since.repeated).toMatchObject({
    'recording.erased': 1,
    'person.erased': 1,
  });
  await serving(machine, async ({ context: { outside: restored } }) => {
    const row = await restored.database.read.recording.findUniqueOrThrow({ where: { id: gone.recordingId } });
    expect(row).toMatchObject({ state: 'erased', sealedId: null });
    expect(await nameOf(restored, person.id)).toBe('—');
  });
  // Everything, and a newer backup knows of the erasure: the older one is refused, and wanted all the same it is erased again.
  const after = await emanet(envOf(server), 'backup', '--to', backups.place);
  expect(after.status).toBe(0);
  // The place has nothing of it any more either.
  expect(after.said.pruned.ofErased).toBe(4);
  const empty = await backups.emptyMachine();
  const old = [
    'restore',
    '--from',
    backups.place,
    '--keys',
    backups.keys,
    ...backups.opener,
    '--backup',
    before.said.id,
  ];
  expect(await emanet(empty.env, ...old)).toMatchObject({ status: 1, code: 'NEWER_BACKUP' });
  const restored = await emanet(empty.env, ...old, '--older');
  expect(restored.err).toBe('');
  expect(restored.said.since.repeated).toMatchObject({ 'recording.erased': 1 });
  await serving(empty, async ({ context: { outside: there } }) => {
    const row = await there.database.read.recording.findUniqueOrThrow({ where: { id: gone.recordingId } });
    expect(row).toMatchObject({ state: 'erased', sealedId: null });
    expect(await keysUnder(there, `recordings/${gone.recordingId}/`)).toEqual([]);
    expect(await nameOf(there, person.id)).toBe('—');
    expect((await readRecording(there, released.recordingId)).equals(media)).toBe(true);
  });
});

const nameOf = async ({ database }: Outside, id: string) =>
  (await database.read.person.findUniqueOrThrow({ where: { id } })).name;

test('backups that are not kept go, with what only they had', async () => {
  const kept = await emanet(envOf(server), 'backup', '--to', backups.place, '--keep', '1');
  expect(kept.said.pruned.backups).toBeGreaterThan(2);
  const { said } = await emanet(envOf(server), 'backup', 'list', '--from', backups.place);
  expect(said.items.map(({ id }: { id: string }) => id)).toEqual([kept.said.id]);
  const machine = await backups.emptyMachine();
  const all = ['restore', '--from', backups.place, '--keys', backups.keys, ...backups.opener];
  expect((await emanet(machine.env, ...all)).status).toBe(0);
});

test('the loss of the store alone: what the backup has comes back, and what was erased since does not', async () => {
  const { outside } = server.context;
  const erased = await createReleased(server, school);
  expect((await emanet(envOf(server), 'backup', '--to', backups.place)).status).toBe(0);
  ok(await eraseBy(school, erased.recordingId));
  await finishErasure(outside, erased.recordingId, AbortSignal.timeout(30_000));
  const afterBackup = await createSealedRecording(outside, erased.lesson.id, school.teacher.id, {
    renditionBytes: null,
  });
  await rm(join(server.home, 'objects'), { recursive: true });

  const restored = await emanet(envOf(server), 'restore', '--from', backups.place, '--only', 'objects');
  expect(restored.err).toBe('');
  // Something is lost for good, and that is said.
  expect(restored.status).toBe(1);
  expect(restored.said.lost).toEqual([afterBackup.bodyKey]);
  expect(restored.said.objects.ofErased).toBe(4);
  expect(await keysUnder(outside, `recordings/${erased.recordingId}/`)).toEqual([]);
  expect(await keysUnder(outside, 'tombstones/')).toContain(`tombstones/${erased.recordingId}`);
  expect((await readRecording(outside, released.recordingId)).equals(media)).toBe(true);
});
