import { randomUUID } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { KeyRefused } from '../../vault/errors.ts';
import { parsePublicKey, splitArmored } from '../../vault/keyring.ts';
import { changePermissionRules } from '../lesson/choose-permission-rules.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import type { Schools } from '../ports/schools.ts';
import { writeInvitation } from '../staff/invite.ts';
import { assertLocalSignIn } from '../staff/local-sign-in.ts';
import { asAuthority } from './as-authority.ts';
import { readFigures } from './school-figures.ts';

type Needs = Pick<Outside, 'database' | 'clock'> & { readonly schools: Pick<Schools<unknown>, 'rowsOf'> };

interface NewSchool {
  readonly name: string;
  /** With which rules of permission it begins. */
  readonly rules: 'tr' | 'uk';
}

/**
 * Opens a school from the page of an authority: with the public half of its recovery key, and an invitation for its first
 * administrator. The link of the invitation goes by mail; without a mail server it is returned, once, to be handed over.
 * @throws Refusal `WRONG_STATE` `KEYS_BY_OPERATOR`, `LOCAL_SIGN_IN_OFF`; `INVALID_REQUEST` for a key that cannot be used;
 * `ALREADY_EXISTS` `SCHOOL_NAME_TAKEN`.
 */
export async function openSchool(
  outside: Needs & Pick<Outside, 'schoolKeys' | 'settings'>,
  caller: Caller,
  asked: NewSchool & {
    readonly recoveryKey: string;
    /** Null: where the groups of a provider give the roles. */
    readonly administrator: { readonly email: string; readonly name: string } | null;
  },
): Promise<{ id: Id; name: string; invitationUrl: string | null }> {
  const { schoolKeys, settings } = outside;
  const { administrator } = asked;
  if (administrator !== null) assertLocalSignIn(settings);
  if (!(await schoolKeys.mayMake())) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'KEYS_BY_OPERATOR' }] });
  const recoveryKey = await publicHalf(asked.recoveryKey);
  const urlOf = (token: string) => `${settings.baseUrl()}/#invitation=${token}`;
  const { id, token } = await makeSchool(outside, caller, asked, (id) => schoolKeys.make(id, recoveryKey), {
    administrator,
    toUrl: settings.sendsMail ? urlOf : null,
  });
  return { id, name: asked.name, invitationUrl: token === null || settings.sendsMail ? null : urlOf(token) };
}

/**
 * Makes a school beside the first one, with keys and a log of its own. The keys come first: a school that is there has them.
 * One is opened at a time, so that no two have one name. Both logs say so.
 * @throws Refusal `WRONG_STATE` `NO_SCHOOL_YET`; `ALREADY_EXISTS` `SCHOOL_NAME_TAKEN`.
 */
export async function makeSchool(
  { database, schools, clock }: Needs,
  caller: Caller,
  { name, rules }: NewSchool,
  makeKeys: (id: Id) => Promise<unknown>,
  {
    administrator,
    toUrl,
  }: {
    readonly administrator: { readonly email: string; readonly name: string } | null;
    readonly toUrl: ((token: string) => string) | null;
  },
): Promise<{ readonly id: Id; readonly token: string | null }> {
  const id = randomUUID();
  const event = {
    action: 'school.opened',
    outcome: 'done',
    object: { kind: 'school', id },
    details: { again: false },
  } as const;
  const there = asAuthority(caller);
  const token = await schools.rowsOf(id).transact(there, async (tx) => {
    await tx.db.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended('a school is opened', 0))::text`;
    const others = await readFigures(tx.db);
    if (others.length === 0) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'NO_SCHOOL_YET' }] });
    const same = others.find((school) => school.name === name);
    if (same !== undefined)
      throw new Refusal('ALREADY_EXISTS', { reasons: [{ code: 'SCHOOL_NAME_TAKEN', params: { id: same.id } }] });
    await makeKeys(id);
    await tx.db.school.create({ data: { name } });
    await tx.log(event);
    await changePermissionRules(tx, clock(), { preset: rules });
    if (administrator === null) return null;
    const input = { ...administrator, roles: ['administrator' as const], days: 7 };
    return (await writeInvitation(tx, { clock }, there, input, toUrl)).token;
  });
  await database.transact(caller, (tx) => tx.log(event));
  return { id, token };
}

/** Of a private key that was given by mistake, nothing but the public half is kept. @throws Refusal `INVALID_REQUEST`. */
async function publicHalf(text: string): Promise<string> {
  const subject = { kind: 'field', id: 'recoveryKey' } as const;
  const [block, another] = splitArmored(text);
  if (block === undefined || another !== undefined)
    throw new Refusal('INVALID_REQUEST', { reasons: [{ code: 'NOT_A_KEY', subject }] });
  try {
    return (await parsePublicKey(block)).key.armor();
  } catch (error) {
    if (!(error instanceof KeyRefused)) throw error;
    throw new Refusal('INVALID_REQUEST', { reasons: [{ code: error.code, subject }], cause: error });
  }
}
