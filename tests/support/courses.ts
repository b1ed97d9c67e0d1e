import { dayIn } from '../../src/domain/calendar.ts';
import type { Answer, Api } from './api.ts';
import { inDays, ok, type School } from './school.ts';

/** A day in the time zone of a new school. */
export const dayFromNow = (days: number) => dayIn(new Date(inDays(days)), 'Europe/Istanbul');

const columns = {
  'Okul No': 'school_number',
  Adı: 'given',
  Soyadı: 'family',
  Sınıf: 'class',
  'Veli 1 Adı Soyadı': 'guardian1.name',
  'Veli 1 Yakınlık': 'guardian1.relation',
  'Veli 1 E-posta': 'guardian1.email',
  'Veli 2 Adı Soyadı': 'guardian2.name',
  'Veli 2 Yakınlık': 'guardian2.relation',
  'Veli 2 E-posta': 'guardian2.email',
} as const;

/** A line of a class list: number, given name, family name, class, and names of guardians who may sign. */
export type Listed = readonly [
  number: string,
  given: string,
  family: string,
  className: string,
  ...guardians: string[],
];

const relations = ['anne', 'baba'] as const;
function toLine([number, given, family, className, ...guardians]: Listed): string {
  const signing = guardians.map((name, i) => [
    name,
    relations[i],
    `${name.toLowerCase().replaceAll(' ', '.')}@posta.example`,
  ]);
  return [number, given, family, className, ...signing.flat()].join(',');
}

/** Takes a class list in, as a person does it: looks at the review first and says yes to every question. */
export async function takeInList(by: Api, rows: readonly Listed[]): Promise<void> {
  const bytes = `${[Object.keys(columns).join(','), ...rows.map(toLine)].join('\n')}\n`;
  const send = async (fields: Record<string, string>): Promise<Answer['body']> => {
    const form = new FormData();
    for (const [key, value] of Object.entries({ mapping: JSON.stringify(columns), ...fields })) form.set(key, value);
    form.set('file', new Blob([bytes]), 'liste.csv');
    return ok(await by.post('/api/rosters', form));
  };
  const { review } = await send({});
  const accepted = review.questions.map(({ code }: { code: string }) => code);
  await send({ confirm: review.digest, accepted: JSON.stringify(accepted) });
}

export async function classNamed(by: Api, name: string): Promise<string> {
  const { items } = ok(await by.get('/api/classes'));
  const found = items.find((one: { name: string }) => one.name === name);
  if (!found) throw new Error(`no class ${name}`);
  return found.id;
}

/** A course of two months around now, with one site; `more` says what differs. */
export async function openCourse(school: School, more: object = {}, by: Api = school.teacher): Promise<Answer['body']> {
  return ok(await by.post('/api/courses', { ...courseOf(school), ...more }));
}

export const courseOf = ({ channelId }: School) => ({
  title: '7-A Physics',
  reason: 'For pupils who were ill',
  channelId,
  supervisorName: 'Tuna Teacher',
  from: dayFromNow(-30),
  until: dayFromNow(30),
  sites: [{ name: 'Test School', contact: 'office@school.example' }],
});

/** An announced lesson of a course, 40 minutes long, that begins in so many days. */
export async function addLessonIn(by: Api, courseId: string, days: number): Promise<Answer['body']> {
  const plannedStart = inDays(days);
  const plannedEnd = new Date(new Date(plannedStart).getTime() + 40 * 60_000).toISOString();
  const { id } = ok(await by.post(`/api/courses/${courseId}/lessons`, { plannedStart, plannedEnd }));
  return ok(await by.put(`/api/lessons/${id}/announcement`, { at: plannedStart, by: 'Tuna Teacher', how: 'spoken' }));
}

interface Place {
  readonly id: string;
  readonly name: string;
  readonly isMinor: boolean;
  readonly guardians: readonly { readonly id: string; readonly name: string }[];
}

/** An answer on paper about somebody in a lesson, noted by staff: by the first guardian, or the person. */
export async function noteFor(by: Api, lessonId: string, person: Place, more: object = {}): Promise<Answer['body']> {
  const [guardian] = person.guardians;
  const signer =
    person.isMinor && guardian
      ? { signerName: guardian.name, signerCapacity: 'guardian', guardianId: guardian.id }
      : { signerName: person.name, signerCapacity: 'self' };
  return note(by, lessonId, { participantId: person.id, ...signer, ...more });
}

export function noteForSite(by: Api, lessonId: string, siteId: string, more: object = {}): Promise<Answer['body']> {
  return note(by, lessonId, { siteId, signerName: 'Head', signerCapacity: 'site_representative', ...more });
}

async function note(by: Api, lessonId: string, answer: object): Promise<Answer['body']> {
  return ok(
    await by.post(`/api/lessons/${lessonId}/permissions`, {
      status: 'granted',
      purposes: ['take_part', 'record', 'keep', 'release'],
      releaseTo: ['class'],
      route: 'paper',
      signedAt: inDays(-20),
      ...answer,
    }),
  );
}

/** Everybody of a lesson, and every site, says yes on paper. */
export async function noteForAll(by: Api, lessonId: string, more: object = {}): Promise<void> {
  const { participants, sites } = ok(await by.get(`/api/lessons/${lessonId}`));
  for (const person of participants) await noteFor(by, lessonId, person, more);
  for (const { id } of sites) await noteForSite(by, lessonId, id, more);
}

/** What is missing in a lesson: name and code, by name. */
export async function missingIn(by: Api, lessonId: string, audience?: string): Promise<string[]> {
  const { reasons } = ok(await by.get(`/api/lessons/${lessonId}/gate${audience ? `?audience=${audience}` : ''}`));
  return reasons
    .map(({ code, subject }: { code: string; subject?: { name?: string } }) => `${subject?.name ?? ''}: ${code}`)
    .toSorted();
}

/** Name and state of everybody and every site of a course. */
export async function statesIn(by: Api, courseId: string, query = ''): Promise<Record<string, string>> {
  const { rows } = ok(await by.get(`/api/courses/${courseId}/people${query}`));
  return Object.fromEntries(rows.map(({ name, state }: { name: string; state: string }) => [name, state]));
}
