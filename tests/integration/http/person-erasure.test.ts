import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createContext } from '../../../src/assembly/context.ts';
import { startServer } from '../../../src/assembly/server.ts';
import { recordingsThatName } from '../../../src/pipeline/captions/recordings-that-name.ts';
import { openContactBook } from '../../../src/pipeline/core/people-key.ts';
import { linkOf } from '../../../src/pipeline/core/signer-link.ts';
import { finishPersonErasure } from '../../../src/pipeline/people/finish-person-erasure.ts';
import { queuePersonErasures } from '../../../src/pipeline/people/queue-person-erasures.ts';
import { replayPersonTombstones } from '../../../src/pipeline/people/replay-person-tombstones.ts';
import type { Outside } from '../../../src/pipeline/ports/outside.ts';
import type { Answer, Api } from '../../support/api.ts';
import { sendCaptions, vttOf } from '../../support/captions.ts';
import { addLessonIn } from '../../support/courses.ts';
import { dumpOf, linesWith } from '../../support/dump.ts';
import { handIn, paged, printed, scanOf, sign } from '../../support/paper.ts';
import {
  createPermittedLesson,
  createSchool,
  eraseBy,
  inDays,
  ok,
  pseudonymIn,
  type School,
} from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';
import { openCourse, signAs, takeInClass } from '../../support/signing.ts';

let server: TestServer;
let school: School;
let outside: Outside;
beforeAll(async () => {
  // Nobody listens there: mails wait. No worker: the test says when a job runs.
  server = await startTestServer({ WORKER: 'false', SMTP_URL: 'smtp://127.0.0.1:9' });
  school = await createSchool(server);
  outside = server.context.outside;
});
afterAll(() => server?.stop());

const idOf = async (name: string): Promise<string> =>
  ok(await school.teacher.get(`/api/persons?search=${encodeURIComponent(name)}`)).items[0].id;
const look = async (id: string): Promise<Answer['body']> => ok(await school.admin.get(`/api/persons/${id}/erasure`));
const erase = (id: string, confirm: string, by: Api = school.admin, why = 'request') =>
  by.post(`/api/persons/${id}/erasure`, { why, confirm });
const codesOf = ({ blockers }: Answer['body']) => blockers.map(({ code }: { code: string }) => code);
const run = (id: string, over: Partial<Outside> = {}, signal = new AbortController().signal) =>
  finishPersonErasure({ ...outside, ...over }, id, signal);

/** The store, with another way to remove for good. */
const purging = (purge: Outside['objects']['purge']): Outside['objects'] => {
  const { objects } = outside;
  return Object.assign(Object.create(objects), { put: objects.put.bind(objects), purge });
};

let made = 0;
/** A child of an invented name with a mother who signed by link and a father who has a sheet that was scanned. */
async function family(pupil: string, mother: string, father: string) {
  made += 1;
  const mail = (name: string) => `${name.split(' ')[0]!.toLowerCase()}.${made}@silinecek.example`;
  const classId = await takeInClass(school, `8/${made}`, [
    {
      pupil,
      guardians: [
        [mother, mail(mother), '0532 770 11 22'],
        [father, '', '0532 770 33 44'],
      ],
    },
  ]);
  const { id: courseId } = await openCourse(school, classId);
  ok(await school.teacher.post(`/api/courses/${courseId}/requests`));
  const [childId, motherId, fatherId] = [await idOf(pupil), await idOf(mother), await idOf(father)];
  const sheets = await printed(server, school.teacher, courseId);
  const pages = await paged(server, sheets, (place, picture) => sign(made * 8 + place, picture));
  ok(await handIn(school.teacher, await scanOf(pages)));
  const token = await outside.database.transact({ actor: { kind: 'system', id: 'test' } }, async ({ db }) => {
    const book = await openContactBook(outside, db);
    const link = await linkOf(db, book, { personId: motherId }, new Date());
    book.close();
    return link.token;
  });
  await signAs(server, `/s/${token}`, mother);
  const lesson = await addLessonIn(school.teacher, courseId, 0);
  const recording = await createSealedRecording(outside, lesson.id, school.teacher.id);
  const { participants } = ok(await school.teacher.get(`/api/lessons/${lesson.id}`));
  return {
    ...{ pupil, mother, father, childId, motherId, fatherId, courseId, token },
    ...{ classId, lessonId: lesson.id as string, recordingId: recording.id },
    participantId: participants[0].id as string,
    addresses: [mail(mother), '0532 770 11 22', '0532 770 33 44'],
  };
}
type Family = Awaited<ReturnType<typeof family>>;

/** The child leaves the course, and the recording with them is erased. */
async function release({ courseId, participantId, recordingId }: Family) {
  ok(await school.teacher.delete(`/api/courses/${courseId}/people/${participantId}`));
  ok(await eraseBy(school, recordingId));
}

test('who is told of a child and may object is not erased while its course runs', async () => {
  const one = await family('Duyulan Çocuk', 'Anne Duyulan', 'Baba Duyulan');
  const { id } = await server.context.outside.database.read.guardianship.findFirstOrThrow({
    where: { pupilId: one.childId, guardianId: one.fatherId },
  });
  ok(await school.admin.patch(`/api/guardianships/${id}`, { authority: 'contact_only' }));
  expect(codesOf(await look(one.fatherId))).toEqual(['PERSON_STANDS_FOR']);
  ok(await school.admin.patch(`/api/guardianships/${id}`, { authority: 'none' }));
  expect(codesOf(await look(one.fatherId))).toEqual([]);
});

describe('a person who is still needed', () => {
  let one: Family;
  beforeAll(async () => {
    one = await family('Ilgın Kalacak', 'Nurgül Kalacak', 'Hakan Kalacak');
  });

  test('is not erased: while they take part, while a recording with them is kept, while somebody may sign for them', async () => {
    const child = await look(one.childId);
    expect(codesOf(child)).toEqual(['PERSON_TAKES_PART', 'PERSON_RECORDED']);
    expect(child.blockers[1]).toMatchObject({ subject: { kind: 'recording', id: one.recordingId } });
    expect(child.blockers[0].text).toContain('Fizik 10/A');
    expect(codesOf(await look(one.motherId))).toEqual(['PERSON_STANDS_FOR', 'PERSON_ANSWERED_FOR']);
    // He answered nothing: he may sign in a course that runs.
    expect(codesOf(await look(one.fatherId))).toEqual(['PERSON_STANDS_FOR']);
    for (const id of [one.childId, one.motherId, one.fatherId]) {
      const { digest, blockers } = await look(id);
      const refused = await erase(id, digest);
      expect(refused).toMatchObject({ status: 409, body: { code: 'WRONG_STATE' } });
      expect(refused.body.reasons.map(({ code }: { code: string }) => code)).toEqual(codesOf({ blockers }));
    }
    expect(await arrivals(server, 'person.erased')).toEqual([]);
    expect(await idOf('Ilgın Kalacak')).toBe(one.childId);
  });

  test('is not erased while a legal hold stands on a lesson with them, which is named', async () => {
    ok(await school.teacher.delete(`/api/courses/${one.courseId}/people/${one.participantId}`));
    const held = ok(
      await school.admin.post(`/api/lessons/${one.lessonId}/holds`, { reason: 'Dava 2026/17', endsAt: inDays(30) }),
    );
    const { blockers, digest } = await look(one.childId);
    expect(codesOf({ blockers })).toEqual(['PERSON_RECORDED', 'LEGAL_HOLD']);
    expect(blockers[1].text).toContain('Dava 2026/17');
    expect((await erase(one.childId, digest)).status).toBe(409);
    expect(held).toBeDefined();
  });
});

describe('a child who left', () => {
  let one: Family;
  let pseudonyms: string[];
  let answer: Answer;
  const names = () => [one.pupil.split(' ')[0]!, one.pupil.toLocaleUpperCase('tr').split(' ')[0]!];
  beforeAll(async () => {
    one = await family('Şehrazat Gidecek', 'Nazende Velisi', 'Oktay Velisi');
    const { read } = outside.database;
    const { id: permissionId } = await read.permission.findFirstOrThrow({
      where: { participantId: one.participantId },
    });
    ok(await school.teacher.post(`/api/permissions/${permissionId}/withdraw`, { note: 'Şehrazat aradı' }));
    await release(one);
    pseudonyms = [
      await pseudonymIn(server, 'participant', one.participantId),
      await read.signerLink
        .findFirstOrThrow({ where: { personId: one.motherId } })
        .then(({ id }) => pseudonymIn(server, 'signer', id)),
    ];
  });

  test('is shown first: what goes, what stays and why, and who is left with nobody', async () => {
    const plan = await look(one.childId);
    expect(plan.blockers).toEqual([]);
    const goes = Object.fromEntries(plan.goes.map(({ kind, count }: Answer['body']) => [kind, count]));
    expect(goes).toMatchObject({
      memberships: 1,
      guardianships: 2,
      participations: 1,
      requests: 2,
      sheets: 1,
      pictures: 2,
      // Of the answer on paper, and of the withdrawal that staff noted.
      evidence: 2,
      contacts: 0,
      mails: 0,
    });
    expect(plan.stays.find(({ code }: { code: string }) => code === 'answers')).toMatchObject({ count: 1 });
    expect(plan.stays.every(({ text }: { text: string }) => text.length > 20)).toBe(true);
    expect(plan.left.map(({ name }: { name: string }) => name).toSorted()).toEqual(['Nazende Velisi', 'Oktay Velisi']);
    expect(linesWith(await dumpOf(server), names()).length).toBeGreaterThan(1);
  });

  test('is erased as it was looked at, or not at all; at the same moment once', async () => {
    expect(await erase(one.childId, '0'.repeat(64))).toMatchObject({ status: 409, body: { code: 'STATE_CHANGED' } });
    const before = await look(one.childId);
    ok(await school.admin.patch(`/api/persons/${one.childId}`, { addContact: 'sehrazat@silinecek.example' }));
    expect((await erase(one.childId, before.digest)).status).toBe(409);
    const { digest } = await look(one.childId);
    const answers = await Promise.all([1, 2, 3].map(() => erase(one.childId, digest)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    answer = answers[0]!;
    expect(answer.body).toMatchObject({ name: '—', erasure: { state: 'removing', why: 'request', objects: 2 } });
    expect(await arrivals(server, 'person.erased')).toMatchObject([
      { details: { why: 'request', objects: 2, answers: 1 } },
    ]);
  });

  test('leaves neither name nor address in a dump of the database, and no note', async () => {
    const dump = await dumpOf(server);
    expect(linesWith(dump, [...names(), 'sehrazat'])).toEqual([]);
    // It would be seen: others are there.
    expect(linesWith(dump, ['Nazende']).length).toBeGreaterThan(0);
    const { read } = outside.database;
    const permission = await read.permission.findFirstOrThrow({
      where: { participantId: one.participantId },
      include: { events: true, evidence: true },
    });
    expect(permission).toMatchObject({ status: 'withdrawn', signerName: null, guardianId: null, evidence: [] });
    expect(permission.events.map(({ status, note }) => [status, note])).toEqual([
      ['granted', null],
      ['withdrawn', null],
    ]);
  });

  test('the history of everybody else’s answers cannot be changed, nor can theirs but by emptying a note', async () => {
    const { read } = outside.database;
    const theirs = { participantId: one.participantId };
    const { id: alive } = await read.permissionEvent.findFirstOrThrow({ where: { permission: { NOT: theirs } } });
    const { id: erased } = await read.permissionEvent.findFirstOrThrow({ where: { permission: theirs } });
    await expect(read.$executeRaw`UPDATE permission_event SET note = NULL WHERE id = ${alive}::uuid`).rejects.toThrow(
      /append-only/,
    );
    await expect(read.$executeRaw`UPDATE permission_event SET note = 'x' WHERE id = ${erased}::uuid`).rejects.toThrow(
      /append-only/,
    );
    for (const change of ["status = 'granted', note = NULL", 'at = now()', 'note = NULL, "actorId" = NULL'])
      await expect(
        read.$executeRawUnsafe(`UPDATE permission_event SET ${change} WHERE id = $1::uuid`, erased),
      ).rejects.toThrow(/permission denied/);
    expect(await read.$executeRaw`UPDATE permission_event SET note = NULL WHERE id = ${erased}::uuid`).toBe(1);
  });

  test('is found nowhere any more, and nobody comes back under the number', async () => {
    for (const path of ['', '/export'])
      expect((await school.admin.get(`/api/persons/${one.childId}${path}`)).status).toBe(404);
    expect((await school.admin.patch(`/api/persons/${one.childId}`, { language: 'en' })).status).toBe(404);
    for (const id of [one.childId, one.participantId])
      expect((await school.auditor.get(`/api/audit/participant?id=${id}`)).status).toBe(404);
    expect(ok(await school.teacher.get('/api/persons?search=gidecek')).items).toEqual([]);
    expect(
      ok(await school.teacher.get('/api/persons?limit=200')).items.map(({ name }: { name: string }) => name),
    ).not.toContain('—');
    const body = { title: 'x', reason: 'x', channelId: school.channelId, supervisorName: 'x' };
    const days = { from: inDays(1).slice(0, 10), until: inDays(2).slice(0, 10) };
    expect(await school.teacher.post('/api/courses', { ...body, ...days, personIds: [one.childId] })).toMatchObject({
      status: 400,
      body: { reasons: [{ code: 'PERSON_UNKNOWN' }] },
    });
    const { read } = outside.database;
    for (const late of [
      () =>
        read.contact.create({
          data: { personId: one.childId, kind: 'other', locked: Buffer.alloc(1), digest: Buffer.alloc(1) },
        }),
      () => read.classMember.create({ data: { personId: one.childId, classId: one.classId, from: new Date() } }),
      () =>
        read.guardianship.create({
          data: {
            pupilId: one.childId,
            guardianId: one.motherId,
            relation: 'mother',
            authority: 'may_sign',
            from: new Date(),
          },
        }),
      () => read.person.update({ where: { id: one.childId }, data: { name: 'Şehrazat' } }),
      () => read.person.delete({ where: { id: one.childId } }),
    ])
      await expect(late()).rejects.toThrow(/write conflict/);
  });

  test('the same list brings somebody new, not the one who was erased', async () => {
    await takeInClass(school, `8/${made}`, [{ pupil: 'Şehrazat Gidecek', guardians: [['Yepyeni Veli', '', '']] }]);
    const again = await idOf('Şehrazat Gidecek');
    expect(again).not.toBe(one.childId);
    expect((await school.admin.get(`/api/persons/${one.childId}`)).status).toBe(404);
  });

  test('the link of the mother shows nothing of the child, and works for her', async () => {
    const page = await (await fetch(`${server.url}/s/${one.token}`)).text();
    expect(page).toContain('Nazende');
    expect(page).not.toContain('Şehrazat');
  });

  test('what the store has goes afterwards; a job killed halfway goes on, and forgets whose the pseudonyms were', async () => {
    const { read } = outside.database;
    const { bodies } = await read.personErasure.findUniqueOrThrow({ where: { personId: one.childId } });
    expect(bodies).toHaveLength(2);
    for (const body of bodies) expect(await outside.objects.head(body)).not.toBeNull();
    const stop = new AbortController();
    const { objects } = outside;
    const dying = purging(async (key) => {
      const purged = await objects.purge(key);
      if (key === bodies[0]) stop.abort();
      return purged;
    });
    await expect(run(one.childId, { objects: dying }, stop.signal)).rejects.toThrow();
    expect((await look(one.childId)).erasure).toMatchObject({ state: 'removing', objects: 1 });
    expect(await arrivals(server, 'person.erasure_finished')).toEqual([]);
    expect(await queuePersonErasures(outside)).toBe(1);

    await run(one.childId);
    for (const body of bodies)
      for (const key of [body, body.replace(/body$/, 'envelope')]) expect(await outside.objects.head(key)).toBeNull();
    expect((await look(one.childId)).erasure).toMatchObject({ state: 'done', objects: 0, pseudonyms: 0 });
    expect(await arrivals(server, 'person.erasure_finished')).toMatchObject([
      { details: { heldByStore: 0, pseudonyms: 0 } },
    ]);
    const trail = ok(await school.auditor.get(`/api/audit?person=${pseudonyms[0]}`));
    expect(trail.entries.length).toBeGreaterThan(0);
    expect(trail.persons.map(({ pseudonym }: { pseudonym: string }) => pseudonym)).not.toContain(pseudonyms[0]);
    expect(ok(await school.auditor.get('/api/audit/check'))).toMatchObject({ intact: true });
    // Again changes nothing, and says how it is.
    await run(one.childId);
    expect(await queuePersonErasures(outside)).toBe(0);
    expect(await arrivals(server, 'person.erasure_finished')).toHaveLength(1);
    expect((await erase(one.childId, '0'.repeat(64))).body.erasure.state).toBe('done');
    expect(await arrivals(server, 'person.erased')).toHaveLength(1);
  });

  test('and then the guardians, one of whom answered: with them go addresses, link and mails', async () => {
    const { guardianships } = ok(await school.admin.get(`/api/persons/${one.motherId}`));
    for (const { id } of guardianships)
      ok(await school.admin.patch(`/api/guardianships/${id}`, { end: true, why: 'TEST document, 2026-11-02' }));
    const plan = await look(one.motherId);
    expect(plan.blockers).toEqual([]);
    ok(await erase(one.motherId, plan.digest, school.admin, 'left'));
    await run(one.motherId);
    expect((await look(one.motherId)).erasure).toMatchObject({ state: 'done', why: 'left' });
    expect(linesWith(await dumpOf(server), ['Nazende', one.addresses[0]!])).toEqual([]);
    expect((await fetch(`${server.url}/s/${one.token}`)).status).toBe(404);
    const { read } = outside.database;
    const of = { where: { personId: one.motherId } };
    expect([await read.signerLink.count(of), await read.contact.count(of), await read.delivery.count()]).toEqual([
      0,
      0,
      // Those of the family before are there.
      expect.any(Number),
    ]);
    expect(await read.request.count({ where: { signerId: one.motherId } })).toBe(0);
    const trail = ok(await school.auditor.get(`/api/audit?person=${pseudonyms[1]}`));
    expect(trail.entries.map(({ entry }: Answer['body']) => entry.action)).toContain('permission.granted');
    expect(trail.entries.map(({ address }: Answer['body']) => address).filter(Boolean)).toEqual([]);
    expect(trail.persons.map(({ pseudonym }: { pseudonym: string }) => pseudonym)).not.toContain(pseudonyms[1]);
  });
});

describe('a name in the captions of others', () => {
  test('is shown with the recordings that are kept, whichever version has it, before it is left there', async () => {
    const { id } = ok(await school.admin.post('/api/persons', { name: 'Duygu Anılan', roles: ['pupil'] }));
    const seen = await look(id);
    expect([seen.captions, codesOf(seen)]).toEqual([[], []]);
    const recordingOf = async (line: string) => {
      const lesson = await createPermittedLesson(school);
      const recording = await createSealedRecording(outside, lesson.id, school.teacher.id);
      ok(await sendCaptions(school.teacher, { recordingId: recording.id }, vttOf([1, 3, line])));
      return recording.id;
    };
    const namingId = await recordingOf('Bugün DUYGU ANILAN gelmedi.');
    await recordingOf('Duygu nerede?');
    // Since it was looked at, there is more to look at.
    expect(await erase(id, seen.digest)).toMatchObject({ status: 409, body: { code: 'STATE_CHANGED' } });
    const naming = { recordingId: namingId, title: expect.any(String), at: expect.any(String), isRead: true };
    const now = await look(id);
    expect(now.captions).toEqual([naming]);
    expect(now.stays).toContainEqual(expect.objectContaining({ code: 'captions', count: 1 }));
    // A correction changes what viewers read. The version before is kept.
    const corrected = {
      version: 1,
      cues: [{ startMs: 1_000, endMs: 3_000, text: 'Bugün biri gelmedi.', speaker: null }],
    };
    ok(await school.teacher.put(`/api/recordings/${namingId}/captions/tr`, corrected));
    expect((await look(id)).captions).toEqual([naming]);
    // Captions that cannot be opened may have it: nobody knows, and that is said.
    const damagedId = await recordingOf('Merhaba.');
    const { bodyKey } = await outside.database.read.sealedObject.findFirstOrThrow({
      where: { captions: { captions: { recordingId: damagedId } } },
    });
    const { objects } = outside;
    const damaged = Object.assign(Object.create(objects), {
      get: (key: string, ...rest: [never, never]) =>
        key === bodyKey ? Promise.resolve(Readable.from([Buffer.alloc(64)])) : objects.get(key, ...rest),
    });
    const found = await recordingsThatName({ ...outside, objects: damaged }, 'Duygu Anılan');
    expect(found.map(({ recordingId, isRead }) => [recordingId, isRead]).toSorted()).toEqual(
      [
        [namingId, true],
        [damagedId, false],
      ].toSorted(),
    );
    expect(ok(await erase(id, (await look(id)).digest))).toMatchObject({ name: '—', captions: [] });
    expect((await arrivals(server, 'person.erased')).at(-1)?.details).toMatchObject({ captions: 1 });
    await run(id);
  });
});

describe('what cannot go yet', () => {
  test('what the store holds on to, and a pseudonym on the trail of a recording, is tried again tomorrow', async () => {
    const one = await family('Meryemnur Bekleyen', 'Zübeyde Bekleyen', 'Cemşit Bekleyen');
    await release(one);
    const { digest } = await look(one.childId);
    ok(await erase(one.childId, digest));
    const holding = purging(async () => ({ removed: 0, held: 1, heldUntil: null }));
    const key = await pseudonymIn(server, 'participant', one.participantId);
    // Another lesson of that course is kept, and its trail names the child.
    const lesson = await addLessonIn(school.teacher, one.courseId, 0);
    const kept = await createSealedRecording(outside, lesson.id, school.teacher.id);
    await outside.database.transact({ actor: { kind: 'system', id: 'test' } }, (tx) =>
      tx.log({
        action: 'recording.quarantined',
        outcome: 'done',
        object: { kind: 'recording', id: kept.id, recordingId: kept.id, lessonId: lesson.id },
        details: { reasons: [{ code: 'X', subject: { person: 'participant', id: one.participantId } }] },
      }),
    );
    await run(one.childId, { objects: holding });
    expect((await look(one.childId)).erasure).toMatchObject({ state: 'held', objects: 2, pseudonyms: 2 });
    expect(await queuePersonErasures(outside)).toBe(0);
    server.forward(25 * 60 * 60_000);
    expect(await queuePersonErasures(outside)).toBe(1);
    server.forward(-25 * 60 * 60_000);
    await run(one.childId);
    expect((await look(one.childId)).erasure).toMatchObject({ state: 'held', objects: 0, pseudonyms: 2 });
    ok(await eraseBy(school, kept.id));
    await run(one.childId);
    expect((await look(one.childId)).erasure).toMatchObject({ state: 'done', pseudonyms: 0 });
    expect(await outside.database.read.personKey.count({ where: { pseudonym: key } })).toBe(0);
  });
});

describe('a database restored from before the erasure', () => {
  /** Erases a guest, then puts the rows back as a backup would. */
  async function restored(name: string) {
    const body = { name, roles: ['guest'], contacts: ['geri@gelen.example'] };
    const { id } = ok(await school.admin.post('/api/persons', body));
    const { read } = outside.database;
    const contacts = await read.contact.findMany({ where: { personId: id } });
    ok(await erase(id, (await look(id)).digest));
    await run(id);
    const client = new pg.Client({ connectionString: server.database.superuserUrl });
    await client.connect();
    await client.query('SET session_replication_role = replica');
    await client.query('DELETE FROM person_erasure WHERE "personId" = $1', [id]);
    await client.query(`UPDATE person SET name = $2, folded = $3, roles = '{guest}', "erasedAt" = NULL WHERE id = $1`, [
      id,
      name,
      name.toLowerCase(),
    ]);
    await client.end();
    await read.contact.createMany({ data: contacts });
    return id;
  }

  test('has the person erased again, at the start and every day, once', async () => {
    const id = await restored('Geri Gelen');
    expect(await idOf('Geri Gelen')).toBe(id);
    const again = await startServer(await createContext(server.context.config));
    await again.stop();
    expect(linesWith(await dumpOf(server), ['Geri Gelen', 'geri@gelen.example'])).toEqual([]);
    expect(await replayPersonTombstones(outside)).toEqual({ replayed: 0, waiting: 0, notOurs: 0 });
    expect((await arrivals(server, 'person.erased')).at(-1)).toMatchObject({
      details: { replayed: true, why: 'request' },
    });
    await run(id);
    expect((await look(id)).erasure).toMatchObject({ state: 'done' });
  });

  test('waits while something that came back too needs them', async () => {
    const id = await restored('Geri Katilan');
    const course = ok(
      await school.teacher.post('/api/courses', {
        ...{ title: 'Geri', reason: 'x', channelId: school.channelId, supervisorName: 'x' },
        ...{ from: inDays(-1).slice(0, 10), until: inDays(9).slice(0, 10), personIds: [id] },
      }),
    );
    expect(await replayPersonTombstones(outside)).toEqual({ replayed: 0, waiting: 1, notOurs: 0 });
    const { id: participantId } = await outside.database.read.participant.findFirstOrThrow({ where: { personId: id } });
    ok(await school.teacher.delete(`/api/courses/${course.id}/people/${participantId}`));
    expect(await replayPersonTombstones(outside)).toEqual({ replayed: 1, waiting: 0, notOurs: 0 });
  });

  test('does not erase whom a stranger put a tombstone on', async () => {
    const { id } = ok(await school.admin.post('/api/persons', { name: 'Hedef Kişi', roles: ['guest'] }));
    const put = (text: string) =>
      outside.objects.put(
        `tombstones/people/${id}`,
        (async function* () {
          yield Buffer.from(text);
        })(),
      );
    const other = await restored('Geri Ödünç');
    const stolen: Buffer[] = [];
    for await (const piece of await outside.objects.get(`tombstones/people/${other}`)) stolen.push(piece);
    const statement = JSON.stringify({ kind: 'emanet.person_tombstone', v: 1, personId: id, why: 'request' });
    for (const text of [
      '',
      '{',
      'null',
      JSON.stringify({ statement, signature: 'x' }),
      Buffer.concat(stolen).toString(),
    ]) {
      await put(text);
      expect((await replayPersonTombstones(outside)).notOurs).toBe(1);
      expect((await look(id)).erasure).toBeNull();
    }
  });
});

describe('who may', () => {
  test('look and erase: administrators, who have just confirmed who they are', async () => {
    const id = await idOf('Ilgın Kalacak');
    const path = `/api/persons/${id}/erasure`;
    for (const stranger of [school.teacher, school.reviewer, school.auditor]) {
      expect((await stranger.get(path)).status).toBe(403);
      expect((await erase(id, '0'.repeat(64), stranger)).status).toBe(403);
    }
    expect((await school.nobody.get(path)).status).toBe(401);
    server.forward(11 * 60_000);
    expect(await erase(id, '0'.repeat(64))).toMatchObject({ status: 403, body: { code: 'CONFIRMATION_NEEDED' } });
    server.forward(-11 * 60_000);
  });

  test('nobody, without a reason of the list, without having looked, or of somebody who is not there', async () => {
    const id = await idOf('Ilgın Kalacak');
    expect((await school.admin.post(`/api/persons/${id}/erasure`, { why: 'request' })).status).toBe(400);
    expect((await erase(id, '0'.repeat(64), school.admin, 'because')).status).toBe(400);
    expect((await erase(randomUUID(), '0'.repeat(64))).status).toBe(404);
    expect((await school.admin.get(`/api/persons/${randomUUID()}/erasure`)).status).toBe(404);
  });
});
