import type { PersonKind } from '../../src/domain/audit-event.ts';
import { type Answer, Api, signedInStaff } from './api.ts';
import type { TestServer } from './server.ts';

const day = 24 * 60 * 60_000;
export const inDays = (days: number) => new Date(Date.now() + days * day).toISOString();

/** A school with an assessed channel and one of each role. `of` stands behind their names: an address has one account. */
export async function createSchool(server: TestServer, of = '') {
  const admin = await signedInStaff(server, `Ayla Admin${of}`, ['administrator']);
  const otherAdmin = await signedInStaff(server, `Onur Admin${of}`, ['administrator']);
  const teacher = await signedInStaff(server, `Tuna Teacher${of}`, ['teacher']);
  const otherTeacher = await signedInStaff(server, `Ece Teacher${of}`, ['teacher']);
  const reviewer = await signedInStaff(server, `Rana Reviewer${of}`, ['reviewer']);
  const auditor = await signedInStaff(server, `Deniz Auditor${of}`, ['auditor']);
  const channel = ok(await admin.post('/api/channels', { name: 'Zoom for schools' }));
  ok(
    await admin.post(`/api/channels/${channel.id}/assessments`, {
      assessedBy: 'Ayla Admin',
      summary: 'Waiting room on, recording by the host only.',
      validFrom: inDays(-100),
      validUntil: inDays(100),
    }),
  );
  return {
    admin,
    otherAdmin,
    teacher,
    otherTeacher,
    reviewer,
    auditor,
    channelId: channel.id as string,
    nobody: new Api(server.url),
  };
}
export type School = Awaited<ReturnType<typeof createSchool>>;

/** A lesson of yesterday with everything in order; `release` permissions are for the class. */
export async function createPermittedLesson(school: School, by: Api = school.teacher) {
  const lesson = ok(
    await by.post('/api/lessons', {
      title: '9-B Physics',
      reason: 'For pupils who were ill',
      plannedStart: inDays(-1),
      plannedEnd: new Date(Date.now() - day + 40 * 60_000).toISOString(),
      supervisorName: 'Tuna Teacher',
      channelId: school.channelId,
      sites: [{ name: 'Test School', kind: 'school', contact: 'office@school.example' }],
      participants: [
        { name: 'Tuna Teacher', kind: 'teacher', isMinor: false },
        {
          name: 'Ada Example',
          kind: 'pupil',
          isMinor: true,
          guardians: [{ name: 'Gül Example', contact: 'gul@family.example' }],
        },
      ],
    }),
  );
  ok(
    await by.put(`/api/lessons/${lesson.id}/announcement`, {
      at: lesson.plannedStart,
      by: 'Tuna Teacher',
      how: 'spoken and on the first slide',
      second: 4,
    }),
  );
  const [teacher, pupil] = lesson.participants;
  const common = {
    status: 'granted',
    purposes: ['record', 'keep', 'release'],
    releaseTo: ['class'],
    route: 'paper',
    signedAt: inDays(-3),
  };
  const site = ok(
    await by.post(`/api/lessons/${lesson.id}/permissions`, {
      ...common,
      siteId: lesson.sites[0].id,
      signerName: 'Head',
      signerCapacity: 'site_representative',
    }),
  );
  const adult = ok(
    await by.post(`/api/lessons/${lesson.id}/permissions`, {
      ...common,
      participantId: teacher.id,
      signerName: 'Tuna Teacher',
      signerCapacity: 'self',
    }),
  );
  const minor = ok(
    await by.post(`/api/lessons/${lesson.id}/permissions`, {
      ...common,
      participantId: pupil.id,
      signerName: 'Gül Example',
      signerCapacity: 'guardian',
      guardianId: pupil.guardians[0].id,
    }),
  );
  return {
    id: lesson.id as string,
    lesson,
    permissions: { site: site.id as string, adult: adult.id as string, minor: minor.id as string },
  };
}

/** Has a recording erased: one administrator asks, a second one confirms. */
export async function eraseBy(school: School, recordingId: string, body: object = { note: 'asked' }): Promise<Answer> {
  const asked = await school.admin.post(`/api/recordings/${recordingId}/erase`, body);
  if (asked.status >= 300) return asked;
  const confirmed = await school.otherAdmin.post(`/api/retention/changes/${asked.body.erasureAsked.id}/confirm`);
  if (confirmed.status >= 300) return confirmed;
  return { ...(await school.admin.get(`/api/recordings/${recordingId}`)), status: 202 };
}

/** A second administrator confirms the pending requests. */
export async function confirmWaiting(school: School): Promise<void> {
  for (const { id } of ok(await school.otherAdmin.get('/api/retention/changes')).items)
    ok(await school.otherAdmin.post(`/api/retention/changes/${id}/confirm`));
}

/** The pseudonym of a person on the log. */
export async function pseudonymIn(server: TestServer, kind: PersonKind, id: string): Promise<string> {
  const { read } = server.context.outside.database;
  return (await read.personKey.findFirstOrThrow({ where: { kind, id } })).pseudonym;
}

/** The body of an answer that must be a success. */
export function ok(answer: Answer): Answer['body'] {
  if (answer.status >= 300) throw new Error(`expected success, got ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Waits until a recording fulfils the condition; on timeout reports its state. */
export async function until(
  api: Api,
  recordingId: string,
  holds: (recording: Answer['body']) => boolean,
  timeoutMs = 60_000,
) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const recording = ok(await api.get(`/api/recordings/${recordingId}`));
    if (holds(recording)) return recording;
    if (Date.now() > deadline)
      throw new Error(
        `did not become as asked: ${JSON.stringify({ ...recording, segments: recording.segments.length })}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
