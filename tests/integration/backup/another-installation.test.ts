import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepare } from '../../../src/assembly/first-start.ts';
import { setUp } from '../../../src/assembly/set-up.ts';
import { loadConfig } from '../../../src/config/env.ts';
import { totpAt } from '../../../src/demo/totp.ts';
import { openContactBook } from '../../../src/pipeline/core/people-key.ts';
import { linkOf } from '../../../src/pipeline/core/signer-link.ts';
import { checkAudit } from '../../../src/pipeline/oversight/check-audit.ts';
import { ownKey } from '../../../src/pipeline/oversight/note-reading.ts';
import type { Outside } from '../../../src/pipeline/ports/outside.ts';
import { giveAuthority } from '../../../src/pipeline/staff/give-authority.ts';
import { verifyFile } from '../../../src/verifier/verify-file.ts';
import { openBeside } from '../../support/another-school.ts';
import { Api, cookiesOf, testPassword } from '../../support/api.ts';
import { BackupPlace, emanet, envOf, type Machine, serving } from '../../support/backup.ts';
import { eventually } from '../../support/eventually.ts';
import { createReleased } from '../../support/released.ts';
import { createSchool, ok, type School } from '../../support/school.ts';
import { readRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { takeInClass } from '../../support/signing.ts';

// A school moves: out of the installation of an authority, into one of its own, into that of another authority, and back.
let server: TestServer;
let beside: Awaited<ReturnType<typeof openBeside>>;
let id: string;
let people: School;
let recording: { id: string; media: Buffer };
let link: string;
let theirs: Machine;
let own: Machine;
/** The machine of the first authority, restored by its usual backups. */
let restoredAuthority: Machine;
let backups: BackupPlace;
/** What the world saw of the school's log before it moved: a checkpoint, and the key. */
let known: { checkpoint: string; key: string };

const both = ['school.taken_out', 'school.put_in'];
const system = { actor: { kind: 'system', id: 'test' } } as const;

/** A work, and a decision on the recording; what the numbers of an installation would be given to. */
async function decide({ database }: Outside, recordingId: string, title: string) {
  return database.transact(system, async (tx) => {
    const sha256 = createHash('sha256').update(title).digest('hex');
    const { number } = await tx.db.work.create({
      data: { title, kind: 'picture', rightsHolder: 'Somebody', sha256, durationMs: 0, registeredById: 'test' },
    });
    const segment = await tx.db.segment.create({ data: { recordingId, startMs: 0, endMs: 1_000 } });
    const decision = await tx.db.decision.create({
      data: { segmentId: segment.id, kind: 'permitted', ground: 'checked', decidedById: 'test' },
    });
    return { number, decision: decision.id };
  });
}

/** Keys of the operator of a machine, whose private half and passphrase are taken away. */
async function backupKey(machine: Pick<Machine, 'home' | 'env'>, name: string): Promise<void> {
  expect((await emanet(machine.env, 'backup', 'key')).status).toBe(0);
  const keys = join(machine.home, 'keys');
  await mkdir(join(backups.folder, name), { recursive: true });
  const [key, passphrase] = ['backup.private.asc', 'backup.passphrase.txt'].map((file) =>
    join(backups.folder, name, file),
  );
  await writeFile(key!, await readFile(join(keys, 'backup.private.asc')));
  await writeFile(passphrase!, await readFile(join(keys, 'backup.passphrase.txt')));
}

const openerOf = (name: string) => [
  ...['--key', join(backups.folder, name, 'backup.private.asc')],
  ...['--passphrase-file', join(backups.folder, name, 'backup.passphrase.txt')],
];
const publicKey = ({ home }: Pick<Machine, 'home'>) => join(home, 'keys/backup.public.asc');
const place = (name: string) => join(backups.folder, `place-${name}`);
const keysFile = (name: string) => join(backups.folder, `keys-${name}.pgp`);

/** What the log says of the moves of the school, in order. */
async function moves({ database }: Pick<Outside, 'database'>) {
  const rows = await database.read.auditEntry.findMany({
    where: { action: { in: ['school.taken_out', 'school.put_in'] }, objectId: id },
    orderBy: { seq: 'asc' },
    select: { action: true, text: { select: { canonical: true } } },
  });
  return rows.map(({ action, text }) => ({ action, details: JSON.parse(text.canonical).details }));
}

/** Somebody of the school signs in with their password, sets a second factor up, and plays the recording. */
async function expectAtWork(outside: Outside, url: string): Promise<void> {
  const { email } = people.reviewer;
  const signIn = await new Api(url).post('/api/session', { email, password: testPassword });
  expect(signIn).toMatchObject({ status: 200, body: { secondFactorMissing: true } });
  let reviewer = new Api(url, { cookie: cookiesOf(signIn) });
  const { totpUri } = ok(await reviewer.post('/api/second-factor'));
  const verified = await reviewer.post('/api/second-factor/verify', { code: totpAt(totpUri, new Date()) });
  expect(verified.status).toBe(200);
  reviewer = new Api(url, { cookie: cookiesOf(verified) || cookiesOf(signIn) });
  const played = await fetch(`${url}/api/recordings/${recording.id}/media`, { headers: reviewer.headers });
  expect(played.status).toBe(200);
  expect(Buffer.from(await played.arrayBuffer()).equals(recording.media)).toBe(true);
  // The guardian has the link since before.
  expect((await fetch(`${url}/s/${link}`)).status).toBe(200);
  // Sessions of before have ended, and so has the second factor of the other installation.
  expect((await people.admin.get('/api/session')).status).toBe(401);
  await expectLog(outside, url);
}

/** The whole log, as an auditor takes it away, against what was known of it in the first place. */
async function expectLog(outside: Outside, url: string): Promise<void> {
  expect((await checkAudit(outside, system)).intact).toBe(true);
  const signIn = await new Api(url).post('/api/session', { email: people.auditor.email, password: testPassword });
  let auditor = new Api(url, { cookie: cookiesOf(signIn) });
  const { totpUri } = ok(await auditor.post('/api/second-factor'));
  const verified = await auditor.post('/api/second-factor/verify', { code: totpAt(totpUri, new Date()) });
  auditor = new Api(url, { cookie: cookiesOf(verified) || cookiesOf(signIn) });
  const file = join(backups.folder, 'log.jsonl');
  await writeFile(file, String((await auditor.get('/api/audit/export?format=jsonl')).body));
  const checkpoint = join(backups.folder, 'checkpoint.txt');
  await writeFile(checkpoint, known.checkpoint);
  const { faults, summary } = await verifyFile(file, { keys: [known.key], checkpoints: [checkpoint] }, 'en');
  expect(faults).toEqual([]);
  expect(summary).toMatchObject({ kind: 'export', isKeyKnown: true });
}

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  await createReleased(server, await createSchool(server));
  beside = await openBeside(server, 'Gezgin Okulu');
  id = beside.schoolId;
  people = await createSchool(beside, ' Traveller');
  const { outside } = beside.context;
  const { recordingId } = await createReleased(beside, people);
  recording = { id: recordingId, media: await readRecording(outside, recordingId) };
  await outside.database.read.recording.update({ where: { id: recordingId }, data: { state: 'in_review' } });
  await decide(outside, recordingId, 'Before');
  await takeInClass(people, '10/A', [{ pupil: 'Ada Yılmaz', guardians: [['Gül Yılmaz', 'gul@family.example', '']] }]);
  const guardian = await outside.database.read.person.findFirstOrThrow({ where: { name: 'Gül Yılmaz' } });
  link = await outside.database.transact(system, async (tx) => {
    const book = await openContactBook(outside, tx.db);
    return (await linkOf(tx.db, book, { personId: guardian.id }, new Date())).token;
  });
  const at = new Date();
  await outside.database.read.scimToken.create({
    data: { name: 'provider', tokenDigest: 'scim', createdById: people.admin.id, createdAt: at },
  });
  const runner = { name: 'old machine', publicKey: '-', fingerprint: '-', secretDigest: 'runner', detectors: 1 };
  await outside.database.read.runner.create({ data: { ...runner, createdAt: at, lastSeenAt: at } });
  backups = await BackupPlace.make();
  await backupKey({ home: server.home, env: envOf(server) }, 'authority');
  const usual = await emanet(
    envOf(server),
    'backup',
    '--to',
    place('usual'),
    '--keys-to',
    join(backups.folder, 'usual'),
  );
  expect(usual.err).toBe('');
  const { note } = await outside.database.read.auditCheckpoint.findFirstOrThrow({ orderBy: { size: 'desc' } });
  known = { checkpoint: note, key: ownKey(outside) };

  // Another authority, with a school of its own and numbers of its own.
  theirs = await backups.emptyMachine();
  const { config, stop } = await prepare(loadConfig({ LOG_LEVEL: 'silent', ...theirs.env }));
  await setUp(config, { school: 'Ev Okulu', 'dry-run': false }, () => {});
  await stop();
  await serving(theirs, async ({ context, url }) => {
    const there = { ...server, url, context } as TestServer;
    await there.context.outside.database.read
      .$executeRaw`UPDATE school SET attendance = 'never', "permissionRules" = NULL`;
    const { recordingId: other } = await createReleased(there, await createSchool(there, ' Home'));
    expect(await decide(context.outside, other, 'Home')).toEqual({ number: 1, decision: 1n });
  });
  own = await backups.emptyMachine();
});
afterAll(async () => {
  await server?.stop();
  await backups?.remove();
});

test('nobody took it out: it may go on there, so it goes on nowhere else', async () => {
  const opener = openerOf('authority');
  for (const machine of [theirs, own]) {
    const refused = await emanet(
      machine.env,
      'restore',
      '--from',
      place('usual'),
      '--school',
      id,
      '--keys',
      join(backups.folder, 'usual'),
      ...opener,
    );
    expect(refused).toMatchObject({ status: 1, code: 'NOT_TAKEN_OUT' });
  }
});

test('is taken out of the installation of several, which goes on', async () => {
  const [env, more] = [envOf(server), ['--school', id, '--keys-to', keysFile('first')]];
  const usage = await emanet(env, 'backup', '--to', place('first'), '--take-out', 'own machine');
  expect(usage).toMatchObject({ status: 2, code: 'USAGE' });
  const first = (await server.context.outside.schools.list())[0]!;
  const refused = await emanet(
    env,
    ...['backup', '--to', place('none'), '--school', first, '--keys-to', keysFile('none'), '--take-out', 'x'],
  );
  expect(refused).toMatchObject({ status: 1, code: 'FIRST_OF_SEVERAL' });
  await backupKey(own, 'own');
  const taking = [
    'backup',
    '--to',
    place('first'),
    ...more,
    '--take-out',
    'a machine of its own',
    '--for',
    publicKey(own),
  ];
  // Somebody is just writing: what they do comes before, and is in the backup.
  let commit = () => {};
  const written = new Promise<void>((resolve) => {
    commit = resolve;
  });
  const lasts = beside.context.outside.database.transact(system, async (tx) => {
    await tx.log({ action: 'job.failed', outcome: 'failed', details: { task: 'last', attempts: 1 } });
    await written;
  });
  const running = emanet(env, ...taking);
  await eventually(async () => {
    const [row] = await server.context.outside.database.read.$queryRaw<{ waits: boolean }[]>`
      SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS waits`;
    return row?.waits;
  }, 'the command waits for what is being written');
  commit();
  await lasts;
  const taken = await running;
  expect(taken.err).toBe('');
  expect(taken.said).toMatchObject({ takenOut: id, damaged: [], missing: [] });
  const newest = await beside.context.outside.database.read.auditEntry.findMany({ orderBy: { seq: 'desc' }, take: 3 });
  expect(newest.map(({ action }) => action)).toEqual(['school.taken_out', 'runner.disabled', 'job.failed']);

  // Nobody gets in, and no entry comes onto the log, whoever writes it.
  expect((await people.teacher.get('/api/session')).status).toBe(401);
  const { outside } = beside.context;
  const size = await outside.database.read.auditEntry.count();
  const logging = outside.database.transact(system, (tx) =>
    tx.log({ action: 'job.failed', outcome: 'failed', details: { task: 'test', attempts: 1 } }),
  );
  await expect(logging).rejects.toThrow(/was taken out of this installation/);
  const opening = outside.database.read.school.updateMany({ data: { takenOutAt: null } });
  await expect(opening).rejects.toThrow(/only a restore opens it again/);
  // Once more, as after a backup that broke off: the log is the same.
  expect((await emanet(env, ...taking)).said).toMatchObject({ takenOut: id });
  expect(await outside.database.read.auditEntry.count()).toBe(size);
  expect(await moves(outside)).toMatchObject([{ action: 'school.taken_out', details: { to: 'a machine of its own' } }]);
  expect(await moves(server.context.outside)).toHaveLength(1);

  // The installation goes on without it.
  expect(await server.context.outside.schools.list()).toEqual([first]);
  const usual = await emanet(env, 'backup', '--to', place('usual'));
  expect(usual).toMatchObject({ status: 0, said: { others: [] } });
  expect(await emanet(env, 'backup', '--to', place('usual'), '--school', id)).toMatchObject({
    status: 1,
    code: 'TAKEN_OUT',
  });
  const { context } = server;
  const reopening = setUp(context.config, { 'reopen-school': id, 'dry-run': false }, () => {});
  await expect(reopening).rejects.toThrow(/was taken out/);
  const lines: string[] = [];
  await setUp(context.config, { schools: true, 'dry-run': false }, (line) => lines.push(line));
  expect(lines.find((line) => line.startsWith(id))).toContain('taken out');
});

test('neither a restore of the whole machine nor one of the school brings it back where it was', async () => {
  const opener = openerOf('authority');
  const machine = await backups.emptyMachine();
  restoredAuthority = machine;
  const restored = await emanet(
    machine.env,
    'restore',
    '--from',
    place('usual'),
    '--keys',
    join(backups.folder, 'usual'),
    ...opener,
  );
  expect(restored.err).toBe('');
  expect(restored.said).toMatchObject({ takenOut: [id], others: [], without: [] });
  await serving(machine, async ({ context: { outside } }) => {
    expect(await outside.schools.list()).toHaveLength(1);
    const left = await outside.schools.of(id);
    expect(await left.database.read.school.findFirst()).toMatchObject({ takenOutAt: expect.any(Date) });
    // Not even that it was restored is on its log.
    expect((await moves(left)).length).toBe(0);
  });
  const again = await emanet(machine.env, 'restore', '--from', place('usual'), '--school', id, '--replace');
  expect(again).toMatchObject({ status: 1, code: 'TAKEN_OUT' });
});

test('goes on in a new installation, as its first school', async () => {
  const command = ['restore', '--from', place('first'), '--keys', keysFile('first'), ...openerOf('own')];
  // Whoever forgets to say that it is one school is told so.
  expect((await emanet(own.env, ...command)).status).toBe(1);
  const restored = await emanet(own.env, ...command, '--school', id);
  expect(restored.err).toBe('');
  expect(restored.said).toMatchObject({ lost: [], unknown: [], notErased: 0, putIn: { size: expect.any(Number) } });
  expect(await readdir(join(own.home, 'schools')).catch(() => [])).toEqual([]);
  await serving(own, async ({ context: { outside }, url }) => {
    expect(await outside.schools.list()).toEqual([id]);
    await expectAtWork(outside, url);
    expect(await decide(outside, recording.id, 'On its own')).toEqual({ number: 2, decision: 2n });
    expect((await moves(outside)).map(({ action }) => action)).toEqual(['school.taken_out', 'school.put_in']);
    // Machines of the old installation get nothing any more.
    expect(await outside.database.read.scimToken.findMany()).toMatchObject([{ revokedAt: expect.any(Date) }]);
    expect(await outside.database.read.runner.findMany()).toMatchObject([{ disabledWhy: 'by_hand' }]);
  });
});

test('goes on in another installation, beside a school that has the same numbers', async () => {
  await backupKey(theirs, 'theirs');
  // Where it is the first school, one of its people is an authority.
  const chief = { email: people.otherAdmin.email, name: 'Onur' };
  await serving(own, async ({ context: { outside } }) => void (await giveAuthority(outside, system, chief)));
  expect((await emanet(own.env, 'backup', '--to', place('own'))).err).toBe('');
  const taking = [
    'backup',
    '--to',
    place('second'),
    '--school',
    id,
    '--keys-to',
    keysFile('second'),
    '--for',
    publicKey(theirs),
  ];
  const taken = await emanet(own.env, ...taking, '--take-out', 'the other authority');
  expect(taken.err).toBe('');
  await expect(serving(own, async () => {})).rejects.toThrow(/was taken out/);
  // Set back to a moment before, its log in the store still says where it went.
  const setBack = await emanet(own.env, 'restore', '--from', place('own'), '--replace');
  expect(setBack).toMatchObject({ status: 1, code: 'TAKEN_OUT' });
  await expect(serving(own, async () => {})).rejects.toThrow(/not finished/);

  const owner = new pg.Client({ connectionString: theirs.database.ownerUrl });
  await owner.connect();
  const accounts = async () =>
    (
      await owner.query(
        'SELECT a.id, a.email, p.hash FROM account a JOIN password p ON p."accountId" = a.id ORDER BY 1',
      )
    ).rows;
  const before = await accounts();
  const putting = [
    'restore',
    '--from',
    place('second'),
    '--school',
    id,
    '--keys',
    keysFile('second'),
    ...openerOf('theirs'),
  ];
  const restored = await emanet(theirs.env, ...putting);
  expect(restored.err).toBe('');
  expect(restored.said).toMatchObject({ school: id, lost: [], unknown: [], notErased: 0 });
  // The secret of the installation that it was the first of stays where it was.
  expect(await readdir(join(theirs.home, 'schools', id, 'secrets'))).not.toContain('auth');
  expect(await accounts()).toEqual(expect.arrayContaining(before));
  expect(await emanet(theirs.env, ...putting)).toMatchObject({ status: 1, code: 'SCHOOL_THERE' });
  const homeId = (await owner.query('SELECT "homeSchoolId" AS id FROM installation')).rows[0].id;
  await owner.end();

  await serving(theirs, async ({ context: { outside }, url }) => {
    const there = await outside.schools.of(id);
    await expectAtWork(there, url);
    // Here another school is the first one.
    const rolesOf = { where: { id: people.otherAdmin.id }, select: { roles: true } };
    expect(await there.database.read.user.findFirst(rolesOf)).toEqual({ roles: ['administrator'] });
    // Those of before are there under their numbers; new ones meet none.
    expect(
      (await there.database.read.work.findMany({ orderBy: { number: 'asc' } })).map(({ number, title }) => [
        number,
        title,
      ]),
    ).toEqual([
      [1, 'Before'],
      [2, 'On its own'],
    ]);
    expect(await decide(there, recording.id, 'Beside')).toEqual({ number: 3, decision: 3n });
    expect((await outside.database.read.work.findMany()).map(({ number, title }) => [number, title])).toEqual([
      [1, 'Home'],
    ]);
    const other = await outside.database.read.recording.findFirstOrThrow();
    expect(await decide(outside, other.id, 'Home again')).toEqual({ number: 4, decision: 4n });
    expect((await checkAudit(outside, system)).intact).toBe(true);
    expect((await moves(there)).map(({ action }) => action)).toEqual([
      'school.taken_out',
      'school.put_in',
      'school.taken_out',
      'school.put_in',
    ]);
    expect((await moves(outside)).map(({ details }) => details)).toMatchObject([
      { from: id, takenOut: true, renamed: 0 },
    ]);
    expect(homeId).not.toBe(id);
    // The log goes on from the head that it left with.
    const [, , , put] = await moves(there);
    const left = await there.database.read.auditCheckpoint.findFirstOrThrow({ where: { size: put!.details.size } });
    expect(Buffer.from(left.root).toString('hex')).toBe(put!.details.root);
  });
});

test('comes back to where it was first, over what was left there', async () => {
  // What is in the place already is not read again.
  expect((await emanet(theirs.env, 'backup', '--to', place('third'), '--school', id)).err).toBe('');
  const taking = [
    'backup',
    '--to',
    place('third'),
    '--school',
    id,
    '--keys-to',
    keysFile('third'),
    '--for',
    publicKey(server),
  ];
  const taken = await emanet(theirs.env, ...taking, '--take-out', 'back');
  expect(taken.err).toBe('');
  expect(taken.said.copied).toBeLessThan(taken.said.objects);
  // Here it is still as it was when it left; the authority's machine was restored meanwhile.
  const putting = ['restore', '--from', place('third'), '--school', id, '--keys', keysFile('third')];
  const opener = openerOf('authority');
  expect(await emanet(restoredAuthority.env, ...putting, ...opener)).toMatchObject({ status: 1, code: 'SCHOOL_THERE' });
  const restored = await emanet(restoredAuthority.env, ...putting, ...opener, '--replace');
  expect(restored.err).toBe('');
  expect(restored.said).toMatchObject({ lost: [], unknown: [], notErased: 0 });
  await serving(restoredAuthority, async ({ context: { outside }, url }) => {
    const there = await outside.schools.of(id);
    expect((await moves(there)).map(({ action }) => action)).toEqual([...both, ...both, ...both]);
    expect((await moves(outside)).map(({ action }) => action)).toEqual(both);
    expect(await there.database.read.work.count()).toBe(3);
    // Accounts that were there are as they were, second factor and all.
    const { email, totpUri } = people.admin;
    const asked = { email, password: testPassword };
    expect((await new Api(url).post('/api/session', asked)).body).toMatchObject({ code: 'SECOND_FACTOR_REQUIRED' });
    await there.database.read.authenticator.updateMany({ data: { lastStep: 0 } });
    const code = totpAt(totpUri ?? '', new Date());
    expect((await new Api(url).post('/api/session', { ...asked, code })).status).toBe(200);
    expect((await checkAudit(there, system)).intact).toBe(true);
    expect((await checkAudit(outside, system)).intact).toBe(true);
  });
  // From now on it is a school of this installation: its backups come back without a word.
  const elsewhere = place('fourth');
  const folder = join(backups.folder, 'fourth-keys');
  expect((await emanet(restoredAuthority.env, 'backup', '--to', elsewhere, '--keys-to', folder)).err).toBe('');
  const again = await emanet(restoredAuthority.env, 'restore', '--from', elsewhere, '--school', id, '--replace');
  expect(again.err).toBe('');
  expect(again.said.putIn).toBe(null);
  // And so does the whole machine, with schools that have the same numbers.
  const machine = await backups.emptyMachine();
  const whole = await emanet(machine.env, 'restore', '--from', elsewhere, '--keys', folder, ...opener);
  expect(whole.err).toBe('');
  expect(whole.said).toMatchObject({ takenOut: [], others: [{ school: id, putIn: null }] });
  await serving(machine, async ({ context: { outside } }) => {
    const there = await outside.schools.of(id);
    for (const one of [outside, there]) expect((await checkAudit(one, system)).intact).toBe(true);
    expect(await decide(there, recording.id, 'Once more')).toMatchObject({ number: expect.any(Number) });
  });
});

test('what is left of it is removed, and nothing of the others', async () => {
  const removing = async ({ env }: Machine) => {
    const lines: string[] = [];
    const config = loadConfig({ LOG_LEVEL: 'silent', ...env });
    await setUp(config, { 'remove-school': id, 'dry-run': false }, (line) => lines.push(line));
    return lines;
  };
  await expect(removing(restoredAuthority)).rejects.toThrow(/is at work here/);
  await expect(removing(own)).rejects.toThrow(/erase the whole machine/);
  await serving(theirs, async () => {
    await expect(removing(theirs)).rejects.toThrow(/is running/);
  });
  const owner = new pg.Client({ connectionString: theirs.database.ownerUrl });
  await owner.connect();
  const left = async () => {
    const { rows: tables } = await owner.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'schoolId'`,
    );
    const counts: Record<string, number> = {};
    for (const { name } of tables) {
      const { rows } = await owner.query(`SELECT count(*)::int AS count FROM "${name}" WHERE "schoolId" = $1`, [id]);
      if (rows[0].count > 0) counts[name] = rows[0].count;
    }
    return counts;
  };
  const accounts = async () =>
    (await owner.query('SELECT email FROM account ORDER BY 1')).rows.map(({ email }) => email);
  expect(Object.keys(await left()).length).toBeGreaterThan(10);
  expect(await accounts()).toContain(people.admin.email);
  expect((await removing(theirs)).some((line) => line.startsWith('removed: '))).toBe(true);
  expect(await left()).toEqual({});
  expect((await accounts()).every((email) => email.includes('.home@'))).toBe(true);
  expect(await accounts()).toHaveLength(6);
  const { rows: walls } = await owner.query(
    `SELECT (SELECT count(*) FROM pg_class WHERE relname = 'channel' AND relforcerowsecurity)::int AS walls,
            (SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D')::int AS off`,
  );
  expect(walls).toEqual([{ walls: 1, off: 0 }]);
  await owner.end();
  for (const folder of ['schools', 'objects/schools'])
    expect(await readdir(join(theirs.home, folder)).catch(() => [])).not.toContain(id);
  await serving(theirs, async ({ context: { outside } }) => {
    expect((await checkAudit(outside, system)).intact).toBe(true);
    const said = await outside.database.read.auditEntry.findMany({ where: { objectId: id }, orderBy: { seq: 'asc' } });
    expect(said.map(({ action }) => action)).toEqual(['school.put_in', 'school.taken_out', 'school.removed']);
  });
  await expect(removing(theirs)).rejects.toThrow(/no school/);
});
