import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ownKey } from '../../../src/pipeline/oversight/note-reading.ts';
import type { Outside } from '../../../src/pipeline/ports/outside.ts';
import { type Api, signedInStaff } from '../../support/api.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { asViewer, watchToTheEnd } from '../../support/watching.ts';

let server: TestServer;
let school: School;
let outside: Outside;
let folder: string;
beforeAll(async () => {
  server = await startTestServer({
    WORKER: 'false',
    ANOMALY_DENIALS: '3',
    ANOMALY_PLAYBACKS: '2',
    ANOMALY_EXPORTS: '2',
  });
  school = await createSchool(server);
  outside = server.context.outside;
  folder = await mkdtemp(join(tmpdir(), 'emanet-questions-'));
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Row {
  seq: number;
  entry: {
    action: string;
    actor: { kind: string; id?: string };
    object?: { id: string };
    details?: Record<string, unknown>;
  };
}
interface Person {
  pseudonym: string;
  kind: string;
  id: string;
  name: string | null;
}
const audit = async (query: string) =>
  ok(await school.auditor.get(`/api/audit?${query}`)) as { entries: Row[]; persons: Person[]; next: string | null };
/** A recording of a lesson of its own, in review, as after its check. */
async function inReview() {
  const lesson = await createPermittedLesson(school);
  const recording = await createSealedRecording(outside, lesson.id, school.teacher.id, { mediaBytes: 400_000 });
  await outside.database.read.recording.update({
    where: { id: recording.id },
    data: { state: 'in_review', declaredDurationMs: 400_000, analysedDurationMs: 400_000 },
  });
  return { ...recording, lesson };
}
const watch = (by: Api, id: string, range = 'bytes=0-') =>
  watchToTheEnd(server, `/api/recordings/${id}/media`, { ...by.headers, range });
const linkTo = async (recordingId: string) => {
  const db = outside.database.read;
  const rendition = await db.rendition.findFirstOrThrow({ where: { recordingId } });
  const release = await db.release.create({
    data: {
      recordingId,
      renditionId: rendition.id,
      audience: 'class',
      endsAt: new Date(inDays(7)),
      releasedById: school.admin.id,
    },
  });
  await db.recording.update({ where: { id: recordingId }, data: { state: 'released' } });
  return ok(await school.teacher.post(`/api/releases/${release.id}/links`, { viewerName: 'Gül Example' }));
};

describe('people', () => {
  test('stand on the log under a pseudonym, never by id or name, and auditors are told whose it is', async () => {
    const { lesson } = await createPermittedLesson(school);
    const { entries, persons } = await audit(`lesson=${lesson.id}&limit=100`);
    const texts = JSON.stringify(entries);
    const pupil = lesson.participants.find(({ kind }: { kind: string }) => kind === 'pupil');
    for (const hidden of [school.teacher.id, pupil.id, pupil.name, 'Gül']) expect(texts).not.toContain(hidden);
    expect(persons).toContainEqual(
      expect.objectContaining({ kind: 'staff', id: school.teacher.id, name: 'Tuna Teacher' }),
    );
    expect(persons).toContainEqual(expect.objectContaining({ kind: 'participant', id: pupil.id, name: 'Ada Example' }));
    const granted = entries.filter(({ entry }) => entry.action === 'permission.granted');
    const named = persons.find(({ id }) => id === pupil.id)!.pseudonym;
    expect(granted.map(({ entry }) => entry.details!.participant)).toContain(named);
  });

  test('are found by id or by pseudonym, as who acted and as who is named', async () => {
    const { lesson } = await createPermittedLesson(school);
    const pupil = lesson.participants.find(({ kind }: { kind: string }) => kind === 'pupil');
    const { entries, persons } = await audit(`person=${pupil.id}`);
    expect(entries.map(({ entry }) => entry.action)).toEqual(['permission.granted']);
    const { pseudonym } = persons.find(({ id }) => id === pupil.id)!;
    // The question before named them too, so it is the newest now.
    const again = await audit(`person=${pseudonym}`);
    expect(again.entries.map(({ entry }) => entry.action)).toEqual(['audit.read', 'permission.granted']);
    const acted = await audit(`actor=${school.teacher.id}&lesson=${lesson.id}`);
    expect(acted.entries.length).toBeGreaterThan(3);
    expect((await audit(`actor=${pupil.id}`)).entries).toEqual([]);
    // What was asked is on the log, by pseudonym.
    const [asked] = (await audit('action=audit.read&limit=1')).entries;
    expect(JSON.stringify(asked)).not.toContain(pupil.id);
  });

  test('can be forgotten once nothing needs their trail: no hash changes, nobody can tell any more', async () => {
    const { id, lesson } = await inReview();
    const pupil = lesson.lesson.participants.find(({ kind }: { kind: string }) => kind === 'pupil');
    const path = `/api/audit/persons/participant/${pupil.id}`;
    const { persons } = await audit(`person=${pupil.id}`);
    const { pseudonym } = persons.find((person) => person.id === pupil.id)!;
    expect((await school.auditor.delete(path)).status).toBe(403);
    expect(await school.admin.delete(path)).toMatchObject({
      status: 409,
      body: { code: 'WRONG_STATE', reasons: [{ code: 'RECORDING_KEPT' }] },
    });
    await outside.database.read.recording.update({ where: { id }, data: { state: 'erased' } });
    expect((await school.admin.delete(path)).status).toBe(204);
    const after = await audit(`person=${pseudonym}`);
    expect(after.entries.map(({ entry }) => entry.action)).toContain('person.forgotten');
    expect(after.entries.map(({ entry }) => entry.action)).toContain('permission.granted');
    expect(after.persons.map((person) => person.id)).not.toContain(pupil.id);
    expect(ok(await school.auditor.get('/api/audit/check'))).toMatchObject({ intact: true });
    expect((await school.admin.delete(path)).status).toBe(404);
    expect(await school.admin.delete(`/api/audit/persons/staff/${school.teacher.id}`)).toMatchObject({
      status: 409,
      body: { reasons: [{ code: 'ACCOUNT_ACTIVE' }] },
    });
  });
});

test('words of the payload are found, together with other filters', async () => {
  await outside.database.transact({ actor: { kind: 'system', id: 'test' } }, async (tx) => {
    await tx.log({ action: 'job.failed', outcome: 'failed', details: { task: 'render karanfil', attempts: 6 } });
    await tx.log({ action: 'job.failed', outcome: 'failed', details: { task: 'render menekşe', attempts: 6 } });
  });
  const found = async (text: string, more = '') =>
    (await audit(`text=${encodeURIComponent(text)}&action=job.failed${more}`)).entries.map(
      ({ entry }) => entry.details!.task,
    );
  expect(await found('karanfil')).toEqual(['render karanfil']);
  expect(await found('render')).toEqual(['render menekşe', 'render karanfil']);
  expect(await found('render -karanfil')).toEqual(['render menekşe']);
  expect(await found('"render menekşe"', '&outcome=failed')).toEqual(['render menekşe']);
  expect(await found('render', '&outcome=done')).toEqual([]);
  expect(await found(`'; DROP TABLE audit_entry; --`)).toEqual([]);
});

test('what was asked is on the log, but no word of it that may be a name', async () => {
  await audit('text=karanfil&actor=Ada&object=abc&action=job.failed');
  const [asked] = (await audit('action=audit.read&limit=1')).entries;
  expect(asked!.entry.details).toEqual({ filter: { text: '*', actor: '*', object: '*', action: 'job.failed' } });
  const { id } = await inReview();
  await audit(`object=${id}`);
  const [next] = (await audit('action=audit.read&limit=1')).entries;
  expect(next!.entry.details).toEqual({ filter: { object: id } });
});

test('pages go on where they ended, whatever comes in between, along numbers and along time', async () => {
  const since = new Date(Date.now() - 60_000).toISOString();
  for (const query of [`actor=${school.teacher.id}`, `from=${since}`, `person=${school.teacher.id}&from=${since}`]) {
    const all = (await audit(`${query}&limit=500`)).entries.map(({ seq }) => seq);
    const paged: number[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const page: Awaited<ReturnType<typeof audit>> = await audit(`${query}&limit=7${next && `&cursor=${next}`}`);
      paged.push(...page.entries.map(({ seq }) => seq));
      ({ next } = page);
    }
    const known = new Set(all);
    expect(paged.filter((seq) => known.has(seq))).toEqual(all);
  }
  expect(await school.auditor.get('/api/audit?cursor=x')).toMatchObject({ status: 400 });
});

test('"Who saw this recording?" is one call: everybody, since when, which seconds', async () => {
  const { id } = await inReview();
  const other = await inReview();
  await watch(school.reviewer, id, 'bytes=0-99999');
  await watch(school.reviewer, id, 'bytes=300000-399999');
  await watch(school.reviewer, other.id);
  const link = await linkTo(id);
  await watchToTheEnd(server, asViewer(link).path, asViewer(link).headers);
  const answer = ok(await school.auditor.get(`/api/audit/viewers/${id}`));
  expect(answer.accesses).toHaveLength(2);
  const nameOf = ({ actor }: { actor: { id: string } }) =>
    answer.persons.find(({ pseudonym }: Person) => pseudonym === actor.id).name;
  expect(answer.accesses.map(nameOf)).toEqual(['Gül Example', 'Rana Reviewer']);
  expect(answer.accesses[1]).toMatchObject({ served: 2, exports: 0 });
  expect(answer.accesses[1].seconds).toEqual([
    [0, 100],
    [300, 400],
  ]);
  expect(answer.checkpoint.note).toContain(answer.checkpoint.root);
  expect(await school.auditor.get(`/api/audit/viewers/${school.channelId}`)).toMatchObject({ status: 404 });
  const [asked] = (await audit(`recording=${id}&limit=1`)).entries;
  expect(asked!.entry).toMatchObject({ action: 'audit.read', details: { question: 'viewers' } });
});

test('"What happened to this child’s data?" is one call, by id and by name', async () => {
  const { id, lesson } = await inReview();
  await watch(school.reviewer, id);
  const pupil = lesson.lesson.participants.find(({ kind }: { kind: string }) => kind === 'pupil');
  const answer = ok(await school.auditor.get(`/api/audit/participant?id=${pupil.id}&limit=100`));
  expect(answer.participants).toMatchObject([
    { id: pupil.id, name: 'Ada Example', lessons: [{ recordings: [{ id }] }], permissions: [{ status: 'granted' }] },
  ]);
  const actions = answer.entries.map(({ entry }: Row) => entry.action);
  for (const action of ['media.served', 'recording.sealed', 'permission.granted', 'lesson.created'])
    expect(actions).toContain(action);
  const byName = ok(await school.auditor.get(`/api/audit/participant?name=${encodeURIComponent('ADA EXAMPLE')}`));
  expect(byName.participants.length).toBeGreaterThan(1);
  expect(byName.participants.map((one: Person) => one.id)).toContain(pupil.id);
  expect((await school.auditor.get('/api/audit/participant?name=Nobody')).status).toBe(404);
  expect((await school.auditor.get('/api/audit/participant')).status).toBe(400);
});

describe('an evidence pack', () => {
  const root = join(import.meta.dirname, '../../..');
  function verify(file: string, ...args: string[]) {
    const run = spawnSync(process.execPath, [join(root, 'src/verifier/main.ts'), file, ...args], {
      env: { LANG: 'en' },
      encoding: 'utf8',
    });
    return { code: run.status, said: run.stdout + run.stderr };
  }
  async function take(about: string) {
    const response = await fetch(`${server.url}/api/audit/evidence/${about}`, { headers: school.auditor.headers });
    expect(response.status).toBe(200);
    const file = join(folder, `${about.replace('/', '-')}.zip`);
    await writeFile(file, Buffer.from(await response.arrayBuffer()));
    return file;
  }

  test('of a recording is verified offline, with the key that is known', async () => {
    const { id } = await inReview();
    await watch(school.reviewer, id);
    const file = await take(`recording/${id}`);
    const { code, said } = verify(file, '--key', ownKey(outside));
    expect(said).toContain(`Intact: the evidence about the recording ${id}`);
    expect(code).toBe(0);
    const [made] = (await audit(`recording=${id}&action=audit.pack_made`)).entries;
    expect(made!.entry.details).toMatchObject({ about: 'recording' });
  });

  test('names of a child’s lesson no other child', async () => {
    const { lesson } = await inReview();
    const pupil = lesson.lesson.participants.find(({ kind }: { kind: string }) => kind === 'pupil');
    ok(
      await school.teacher.post(`/api/lessons/${lesson.id}/participants`, {
        name: 'Zeynep Other',
        kind: 'pupil',
        isMinor: true,
        guardians: [{ name: 'Can Other', contact: 'can@family.example' }],
      }),
    );
    const file = await take(`participant/${pupil.id}`);
    expect(verify(file).code).toBe(0);
    const listed = spawnSync('python3', ['-c', readRecord, file], { encoding: 'utf8' });
    expect(listed.stderr).toBe('');
    const record = JSON.parse(listed.stdout);
    expect(record.lessons[0].participants.map(({ name }: Person) => name)).toEqual(['Ada Example']);
    expect(listed.stdout).not.toMatch(/Zeynep|Can Other/);
    expect(record.lessons[0].permissions).toMatchObject([{ status: 'granted', signerName: 'Gül Example' }]);
  });
  const readRecord = 'import sys,zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("record.json"))';

  test.each([
    ['a report', 'report-en.pdf', 'report-en.pdf was changed'],
    ['the record', 'record.json', 'record.json was changed'],
    ['a file put in', 'extra.txt', 'extra.txt does not belong'],
    ['an entry left out', 'log.jsonl', 'some were left out or put in'],
    ['the manifest', 'manifest.json', 'does not say that this pack was made as it is'],
  ])('that was tampered with is found: %s', async (_, name, said) => {
    const { id } = await inReview();
    const file = await take(`recording/${id}`);
    const tampered = spawnSync('python3', ['-c', tamper, file, name], { encoding: 'utf8' });
    expect(tampered.stderr).toBe('');
    const found = verify(file);
    expect(found.said).toContain(said);
    expect(found.code).toBe(1);
  });
  /** Python's zipfile writes the archive again. */
  const tamper = `
import json, sys, zipfile
path, name = sys.argv[1:]
with zipfile.ZipFile(path) as pack: files = {one: pack.read(one) for one in pack.namelist()}
if name == 'log.jsonl':
    lines = files[name].decode().splitlines()
    del lines[2]
    lines[-1] = json.dumps({'end': json.loads(lines[-1])['end'] - 1})
    files[name] = ('\\n'.join(lines) + '\\n').encode()
elif name == 'manifest.json':
    files[name] = files[name].replace(b'"v": 1', b'"v":  1')
else:
    files[name] = files.get(name, b'') + b' '
with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as pack:
    for one, octets in files.items(): pack.writestr(one, octets)
`;

  test('that is cut off is not as it was made, and there is none of what is not there', async () => {
    const { id } = await inReview();
    const file = await take(`recording/${id}`);
    await writeFile(file, (await readFile(file)).subarray(0, -30));
    expect(verify(file)).toMatchObject({ code: 1, said: expect.stringContaining('the archive itself is damaged') });
    expect((await school.auditor.get(`/api/audit/evidence/recording/${school.channelId}`)).status).toBe(404);
    expect((await school.admin.get(`/api/audit/evidence/recording/${id}`)).status).toBe(403);
  });
});

describe('what stands out', () => {
  interface Found {
    rule: string;
    actor: string;
    count: number;
    entries: number[];
    recordingId: string | null;
  }
  const anomalies = async (by: Api = school.auditor) => {
    const answer = ok(await by.get('/api/audit/anomalies?days=2'));
    const people = new Map((answer.persons as Person[]).map(({ pseudonym, name }) => [pseudonym, name]));
    return (answer.anomalies as Found[]).map((found) => ({ ...found, name: people.get(found.actor) ?? null }));
  };

  test('repeated denials, mass playback, mass export and a hasty approval are found, with their entries', async () => {
    const curious = await signedInStaff(server, 'Cem Curious', ['teacher', 'reviewer']);
    expect((await anomalies()).filter(({ name }) => name === 'Cem Curious')).toEqual([]);
    for (let n = 0; n < 3; n++) expect((await curious.get('/api/audit')).status).toBe(403);
    const recordings = [await inReview(), await inReview()];
    for (const { id } of recordings) await watch(curious, id);
    await outside.database.transact(
      { actor: { kind: 'staff', id: curious.id, roles: [], scopes: null } },
      async (tx) => {
        const object = { kind: 'recording', id: recordings[0]!.id, recordingId: recordings[0]!.id };
        await tx.log({ action: 'recording.approved', outcome: 'done', object });
        for (const stage of ['begun', 'ended', 'begun', 'ended'] as const)
          await tx.log({ action: 'recording.exported', outcome: 'done', object, details: { stage, format: 'media' } });
      },
    );
    const found = (await anomalies(school.admin)).filter(({ name }) => name === 'Cem Curious');
    const rules = new Map(found.map((one) => [one.rule, one]));
    expect(rules.get('REPEATED_DENIALS')).toMatchObject({ count: 3 });
    expect(rules.get('REPEATED_DENIALS')!.entries).toHaveLength(3);
    expect(rules.get('MASS_PLAYBACK')).toMatchObject({ count: 2 });
    expect(rules.get('MASS_EXPORT')).toMatchObject({ count: 2 });
    expect(rules.get('HASTY_APPROVAL')).toMatchObject({ count: 0, recordingId: recordings[0]!.id });
  });

  test('access outside school hours and a link used from many addresses', async () => {
    const { id } = await inReview();
    const link = await linkTo(id);
    const night = new Date(outside.clock());
    const { database } = outside;
    const write = (actor: Parameters<typeof database.transact>[0]['actor'], address: string) =>
      database.transact({ actor, address }, (tx) =>
        tx.log({
          action: 'media.opened',
          outcome: 'done',
          object: { kind: 'recording', id, recordingId: id },
          details: { asked: { bytes: [0, 1], aboutSeconds: [0, 0] } },
        }),
      );
    for (let n = 1; n <= 4; n++) await write({ kind: 'viewer', id: link.id }, `192.0.2.${n}`);
    expect((await anomalies()).some(({ rule }) => rule === 'SHARED_LINK')).toBe(false);
    await write({ kind: 'viewer', id: link.id }, '192.0.2.5');
    expect(await anomalies()).toContainEqual(
      expect.objectContaining({ rule: 'SHARED_LINK', name: 'Gül Example', count: 5, recordingId: id }),
    );

    // A server whose school hours are over whatever the time is, and one whose are not.
    const { readAnomalies } = await import('../../../src/pipeline/oversight/read-anomalies.ts');
    await watch(school.reviewer, id);
    const hour = night.getUTCHours();
    const at = (from: number, until: number) => ({
      from: `${String(from).padStart(2, '0')}:00`,
      until: `${String(until).padStart(2, '0')}:00`,
      timeZone: 'UTC',
    });
    const outsideOf = async (schoolHours: Outside['settings']['anomalies']['schoolHours']) => {
      const settings = { ...outside.settings, anomalies: { ...outside.settings.anomalies, schoolHours } };
      const caller = { actor: { kind: 'system', id: 'test' } } as const;
      const { anomalies: found } = await readAnomalies({ ...outside, settings }, caller, 2);
      return found.filter(({ rule }) => rule === 'OUTSIDE_HOURS').length;
    };
    expect(await outsideOf(hour >= 12 ? at(0, 6) : at(18, 23))).toBeGreaterThan(0);
    const isWeekend = [0, 6].includes(night.getUTCDay());
    if (!isWeekend && hour < 23) expect(await outsideOf(at(0, 23))).toBe(0);
  });

  test('is for administrators and auditors, and looking is on the log', async () => {
    expect((await school.teacher.get('/api/audit/anomalies')).status).toBe(403);
    expect((await school.reviewer.get('/api/audit/anomalies')).status).toBe(403);
    const { rules } = ok(await school.admin.get('/api/audit/anomalies'));
    expect(rules.map(({ sentence }: { sentence: string }) => sentence)).toContain(
      'At least 3 refusals or failed sign-ins within an hour',
    );
    const [looked] = (await audit('action=audit.anomalies_read&limit=1')).entries;
    expect(looked!.entry.details).toEqual({ days: 30 });
  });
});
