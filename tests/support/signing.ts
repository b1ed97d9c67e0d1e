import { FormClient } from '../../src/demo/form-client.ts';
import type { startMailServer } from './mail-server.ts';
import { inDays, ok, type School } from './school.ts';
import type { TestServer } from './server.ts';

const mapping = {
  'Okul No': 'school_number',
  Adı: 'given',
  Soyadı: 'family',
  Sınıf: 'class',
  'Veli 1 Adı Soyadı': 'guardian1.name',
  'Veli 1 Yakınlık': 'guardian1.relation',
  'Veli 1 E-posta': 'guardian1.email',
  'Veli 1 Telefon': 'guardian1.phone',
  'Veli 2 Adı Soyadı': 'guardian2.name',
  'Veli 2 Yakınlık': 'guardian2.relation',
  'Veli 2 E-posta': 'guardian2.email',
  'Veli 2 Telefon': 'guardian2.phone',
};

/** A pupil with one guardian or two: name, e-mail, telephone. */
export interface Family {
  readonly pupil: string;
  readonly guardians: readonly (readonly [name: string, email: string, phone: string])[];
}

/** Takes a class in from a list, and returns its id. */
export async function takeInClass(school: School, className: string, families: readonly Family[]): Promise<string> {
  const rows = families.map(({ pupil, guardians }, at) => {
    const [family = '', ...given] = pupil.split(' ').reverse();
    const cells = [0, 1].flatMap((i) => {
      const guardian = guardians[i];
      return guardian ? [guardian[0], i === 0 ? 'anne' : 'baba', guardian[1], guardian[2]] : ['', '', '', ''];
    });
    return [String(1_000 + at), given.reverse().join(' '), family, className, ...cells].join(',');
  });
  const list = [Object.keys(mapping).join(','), ...rows].join('\n');
  const send = (fields: Record<string, string>) => {
    const form = new FormData();
    for (const [key, value] of Object.entries({ mapping: JSON.stringify(mapping), ...fields })) form.set(key, value);
    form.set('file', new Blob([`${list}\n`]), 'liste.csv');
    return school.teacher.post('/api/rosters', form);
  };
  const { review } = ok(await send({}));
  ok(
    await send({
      confirm: review.digest,
      accepted: JSON.stringify(review.questions.map(({ code }: { code: string }) => code)),
    }),
  );
  const { items } = ok(await school.teacher.get('/api/classes'));
  return items.find(({ name }: { name: string }) => name === className).id;
}

/** A course of a class and one site, from yesterday on. */
export async function openCourse(school: School, classId: string, more: Record<string, unknown> = {}) {
  const day = (days: number) => inDays(days).slice(0, 10);
  return ok(
    await school.teacher.post('/api/courses', {
      title: 'Fizik 10/A',
      reason: 'Derse gelemeyenler izleyebilsin',
      channelId: school.channelId,
      supervisorName: 'Tuna Teacher',
      purposes: ['record', 'keep', 'release'],
      audiences: ['class', 'families'],
      from: day(-1),
      until: day(60),
      classIds: [classId],
      sites: [],
      ...more,
    }),
  );
}

/** The path of the personal link in a mail. */
export const linkIn = (text: string): string => /\/s\/[\w-]{22}/.exec(text)?.[0] ?? '';

/** Asks everybody, and waits for the mail of one guardian. */
export async function askedLink(
  school: School,
  mailServer: Awaited<ReturnType<typeof startMailServer>>,
  courseId: string,
  email: string,
): Promise<string> {
  ok(await school.teacher.post(`/api/courses/${courseId}/requests`));
  return linkIn((await mailServer.next(email)).text);
}

/** Opens the first request of a link, and goes to the page where it is signed. */
export async function fillIn(
  server: Pick<TestServer, 'url'>,
  link: string,
  { record = 'yes', release = 'yes', at = 0 }: { record?: string; release?: string; at?: number } = {},
): Promise<FormClient> {
  const client = await new FormClient(server.url).get(link);
  await client.get(client.links(/\/requests\//)[at]!);
  await client.press('to', 'next', { noted: 'yes' });
  await client.press('to', 'next', { q0: record, q1: record });
  return client.press('to', 'next', { q2: release, q3: 'no' });
}

/** Answers the first request of a link. */
export async function signAs(
  server: Pick<TestServer, 'url'>,
  link: string,
  name: string,
  answers: { record?: string; release?: string; digits?: string } = {},
): Promise<FormClient> {
  const client = await fillIn(server, link, answers);
  return client.press('to', 'sign', {
    typedName: name,
    responsible: 'yes',
    ...(answers.digits === undefined ? {} : { digits: answers.digits }),
  });
}
