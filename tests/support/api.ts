import { totpAt } from '../../src/demo/totp.ts';
import type { StaffRole } from '../../src/domain/ids.ts';
import type { Outside } from '../../src/pipeline/ports/outside.ts';
import { acceptInvitation } from '../../src/pipeline/staff/accept-invitation.ts';
import { invite } from '../../src/pipeline/staff/invite.ts';

/** An answer of the API: status and parsed JSON (or text). */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
  readonly headers: Headers;
}

/** One person at the API, by session cookie or token. */
export class Api {
  readonly url: string;
  readonly headers: Record<string, string>;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.url = url;
    this.headers = { 'accept-language': 'en', ...headers };
  }

  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const isForm = body instanceof FormData;
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...this.headers,
        ...headers,
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson =
      /json/.test(response.headers.get('content-type') ?? '') &&
      !/jsonl/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, body: isJson && text ? JSON.parse(text) : text, headers: response.headers };
  }

  get = (path: string, headers?: Record<string, string>) => this.request('GET', path, undefined, headers);
  post = (path: string, body: unknown = {}, headers?: Record<string, string>) =>
    this.request('POST', path, body, headers);
  put = (path: string, body: unknown) => this.request('PUT', path, body);
  patch = (path: string, body: unknown) => this.request('PATCH', path, body);
  delete = (path: string) => this.request('DELETE', path);

  /** Uploads bytes as a recording of a lesson. */
  upload(
    lessonId: string,
    bytes: Uint8Array,
    options: { name?: string; type?: string; fields?: Record<string, string> } = {},
  ): Promise<Answer> {
    const form = new FormData();
    for (const [name, value] of Object.entries(options.fields ?? { bytes: String(bytes.length) }))
      form.set(name, value);
    form.set(
      'file',
      new Blob([Uint8Array.from(bytes)], { type: options.type ?? 'video/mp4' }),
      options.name ?? 'lesson.mp4',
    );
    return this.post(`/api/lessons/${lessonId}/recordings`, form);
  }
}

/** TEST ONLY. */
export const testPassword = 'test only, long enough';

/** The school to which every member of staff, lesson and sealed object belongs. */
export async function ensureSchool({ read }: Pick<Outside['database'], 'read'>): Promise<void> {
  // Most tests are about something else; those of attendance ask for reports, as a new school does.
  await read.school.createMany({ data: [{ name: 'Test School', attendance: 'never' }], skipDuplicates: true });
}
let derived: Promise<string> | undefined;
/**
 * Everybody here has one password: it is derived once. A password compared with it at the sign-in is derived each time.
 */
const derivingOnce = (outside: Outside): Outside => {
  const { passwords } = outside.credentials;
  const hash = (password: string) => (derived ??= passwords.hash(password));
  const once = { hash, verify: passwords.verify.bind(passwords) };
  return { ...outside, credentials: { ...outside.credentials, passwords: once } };
};

/** A signed-in member of staff, second factor and all, as the person would do it. */
export async function signedInStaff(
  server: { url: string; context: { outside: Outside } },
  name: string,
  roles: StaffRole[],
  /** Where the role of the server's database may not invite. */
  inviting: Pick<Outside, 'database' | 'clock'> = server.context.outside,
): Promise<Api & { id: string; email: string; totpUri: string | null; backupCodes: string[] }> {
  const { outside } = server.context;
  await ensureSchool(outside.database);
  const email = `${name.toLowerCase().replaceAll(' ', '.')}@school.example`;
  const system = { actor: { kind: 'system', id: 'test' } } as const;
  const { token } = await invite(inviting, system, { email, name, roles, days: 1 }, null);
  const person = await acceptInvitation(
    derivingOnce(outside),
    { actor: { kind: 'nobody' } },
    { token, password: testPassword, language: 'en' },
  );
  const signIn = await new Api(server.url).post('/api/session', { email, password: testPassword });
  if (signIn.status !== 200) throw new Error(`sign-in failed: ${JSON.stringify(signIn.body)}`);
  let api = new Api(server.url, { cookie: cookiesOf(signIn) });
  let totpUri: string | null = null;
  let backupCodes: string[] = [];
  if (signIn.body.secondFactorMissing) {
    const begun = await api.post('/api/second-factor');
    totpUri = begun.body.totpUri as string;
    backupCodes = begun.body.backupCodes;
    const verified = await api.post('/api/second-factor/verify', { code: totpAt(totpUri, outside.clock()) });
    if (verified.status !== 200) throw new Error(`second factor failed: ${JSON.stringify(verified.body)}`);
    api = new Api(server.url, { cookie: cookiesOf(verified) || cookiesOf(signIn) });
  }
  return Object.assign(api, { id: person.id, email, totpUri, backupCodes });
}

export function cookiesOf(answer: Answer): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0]!)
    .filter((pair) => !pair.endsWith('='))
    .join('; ');
}

/** A person confirms their identity again; the session goes on under the cookie of the answer. */
export async function confirmAgain(
  server: { nextCode(totpUri: string): Promise<string> },
  person: Api & { totpUri: string | null },
): Promise<void> {
  const code = person.totpUri ? { code: await server.nextCode(person.totpUri) } : {};
  const answer = await person.post('/api/session/confirm', { password: testPassword, ...code });
  if (answer.status !== 204) throw new Error(`not confirmed: ${JSON.stringify(answer.body)}`);
  person.headers.cookie = cookiesOf(answer);
}
