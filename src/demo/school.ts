import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Client, createClient } from '../client/api-client.ts';
import { ApiProblem } from '../client/errors.ts';
import { readIfThere } from '../config/secrets.ts';
import type { StaffRole } from '../domain/ids.ts';
import type { Language } from '../domain/language.ts';
import { mustHave } from '../domain/must-have.ts';
import { choosePermissionRules } from '../pipeline/lesson/choose-permission-rules.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import { invite } from '../pipeline/staff/invite.ts';
import { totpAt } from './totp.ts';

/** A member of the demo school. People and addresses are invented. */
export interface DemoAccount {
  readonly name: string;
  readonly email: string;
  readonly role: StaffRole;
  readonly password: string;
  /** For an authenticator; null if the school asks for no second factor. */
  readonly totpUri: string | null;
}

/** Who is in the demo school. */
export const cast: readonly { name: string; email: string; role: StaffRole }[] = [
  { name: 'Ayşe Öğretmen', email: 'teacher@demo.example', role: 'teacher' },
  { name: 'Murat İnceleyen', email: 'reviewer@demo.example', role: 'reviewer' },
  { name: 'Zeynep Yönetici', email: 'administrator@demo.example', role: 'administrator' },
  { name: 'Can Denetçi', email: 'auditor@demo.example', role: 'auditor' },
];

export const demoAccountsFile = (home: string) => join(home, 'demo-accounts.json');

/** Loads the demo school once; its accounts stand in `demo-accounts.json` (0600) below EMANET_HOME. Safe to repeat. */
export async function loadDemoSchool(outside: Outside, url: string, home: string): Promise<readonly DemoAccount[]> {
  const { database } = outside;
  const there = await readIfThere(demoAccountsFile(home));
  if (there !== undefined && (await database.read.school.count()) > 0) return JSON.parse(there);
  await database.read.school.createMany({ data: [{ name: 'Örnek Ortaokulu (demo)' }], skipDuplicates: true });
  const accounts: DemoAccount[] = [];
  for (const person of cast) accounts.push(await openAccount(outside, url, person));
  await approveChannel(url, accounts);
  await choosePermissionRules(outside, { actor: { kind: 'system', id: 'demo' } }, { preset: 'tr' });
  await writeFile(demoAccountsFile(home), `${JSON.stringify(accounts, null, 2)}\n`, { mode: 0o600 });
  return accounts;
}

async function openAccount(outside: Outside, url: string, person: (typeof cast)[number]): Promise<DemoAccount> {
  // An interrupted first start left a half-made account, whose password nobody knows.
  await outside.database.read.user.deleteMany({ where: { account: { email: person.email } } });
  await outside.database.read.account.deleteMany({ where: { email: person.email } });
  const password = randomBytes(9).toString('base64url');
  const system = { actor: { kind: 'system', id: 'demo' } } as const;
  const { token } = await invite(
    outside,
    system,
    { email: person.email, name: person.name, roles: [person.role], days: 1 },
    null,
  );
  return acceptAs(url, person, { token, password });
}

/** Accepts an invitation as the person would, and takes a second factor where the school asks for one. */
export async function acceptAs(
  url: string,
  person: Pick<DemoAccount, 'name' | 'email' | 'role'>,
  { token, password }: { readonly token: string; readonly password: string },
): Promise<DemoAccount> {
  const client = createClient({ baseUrl: url });
  await client.call('acceptInvitation', { body: { token, password, language: 'tr' } });
  const account = { ...person, password, totpUri: null };
  const session = await client.call('signIn', { body: { email: person.email, password } });
  if (client.cookie) open.set(`${url} ${person.email}`, client.cookie);
  if (!session.secondFactorMissing) return account;
  const { totpUri } = await client.call('beginSecondFactor');
  await client.call('verifySecondFactor', { body: { code: totpAt(totpUri) } });
  return { ...account, totpUri };
}

/**
 * Cookies of sessions that this process opened: a code of an authenticator works once, and the next one is half a
 * minute away.
 */
const open = new Map<string, string>();

/** Signs in as a demo account would, second factor and all. Waits out a code that was used already. */
export async function signInAs(url: string, account: DemoAccount, language: Language): Promise<Client> {
  const cookie = open.get(`${url} ${account.email}`);
  const client = createClient({ baseUrl: url, language, ...(cookie === undefined ? {} : { cookie }) });
  if (cookie !== undefined) return client;
  const { email, password, totpUri } = account;
  const attempt = () =>
    client.call('signIn', { body: { email, password, ...(totpUri === null ? {} : { code: totpAt(totpUri) }) } });
  try {
    await attempt();
  } catch (error) {
    if (totpUri === null || !(error instanceof ApiProblem) || error.code !== 'SIGN_IN_FAILED') throw error;
    await new Promise((resolve) => setTimeout(resolve, stepMs - (Date.now() % stepMs)));
    await attempt();
  }
  if (client.cookie) open.set(`${url} ${email}`, client.cookie);
  return client;
}

const stepMs = 30_000;

/** @throws Error if no member of the demo school has this role. */
export function accountOf(accounts: readonly DemoAccount[], role: DemoAccount['role']): DemoAccount {
  return mustHave(
    accounts.find((account) => account.role === role),
    `${role} in the demo school`,
  );
}

/** The channel over which the lessons of the demo are recorded, approved and assessed. */
export async function approveChannel(url: string, accounts: readonly DemoAccount[]): Promise<void> {
  const administrator = await signInAs(url, accountOf(accounts, 'administrator'), 'tr');
  const channel = await administrator.call('approveChannel', { body: { name: 'Zoom (okul hesabı)' } });
  const year = 365 * 24 * 60 * 60_000;
  await administrator.call('assessChannel', {
    params: { channelId: channel.id },
    body: {
      assessedBy: 'Zeynep Yönetici',
      summary: 'Bekleme odası açık, kaydı yalnızca toplantı sahibi başlatır, ekran paylaşımı öğretmende.',
      validFrom: new Date(Date.now() - year).toISOString(),
      validUntil: new Date(Date.now() + year).toISOString(),
    },
  });
}
