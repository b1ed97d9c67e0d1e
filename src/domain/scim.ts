import { Refusal } from './errors.ts';
import type { ReasonCode } from './reason.ts';

/** A filter of a list: one attribute equals a text (RFC 7644, 3.4.2.2). */
export interface ScimFilter {
  readonly attribute: 'userName' | 'externalId' | 'displayName' | 'id';
  readonly value: string;
}

const mostFilterLetters = 400;
const attributes = ['userName', 'externalId', 'displayName', 'id'] as const;

const refuse = (code: ReasonCode, params: Readonly<Record<string, string>> = {}): never => {
  throw new Refusal('INVALID_REQUEST', { reasons: [{ code, params }] });
};

/** @throws Refusal `INVALID_REQUEST` `SCIM_FILTER`. */
export function parseScimFilter(text: string): ScimFilter {
  const [, name = '', quoted = '""'] =
    /^\s*(\w+)\s+eq\s+("(?:[^"\\\p{Cc}]|\\["\\/])*")\s*$/iu.exec(text.slice(0, mostFilterLetters + 1)) ?? [];
  const attribute = attributes.find((one) => one.toLowerCase() === name.toLowerCase());
  if (text.length > mostFilterLetters || attribute === undefined) return refuse('SCIM_FILTER');
  return { attribute, value: JSON.parse(quoted) };
}

/** What a provider says of a person; left out: it says nothing. */
export interface ScimPerson {
  readonly userName?: string;
  readonly externalId?: string | null;
  readonly name?: string;
  readonly email?: string;
  readonly active?: boolean;
}

export interface ScimOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path?: string | undefined;
  readonly value?: unknown;
}

type Said = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Said =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const mostLetters = 254;
function textOf(value: unknown, path: string): string {
  if (typeof value !== 'string' || value.trim() === '' || value.length > mostLetters || /\p{Cc}/u.test(value))
    return refuse('SCIM_VALUE', { path });
  return value.trim();
}

/** Some providers write truth as text. */
function truthOf(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  const said = typeof value === 'string' ? value.toLowerCase() : '';
  return said === 'true' || (said === 'false' ? false : refuse('SCIM_VALUE', { path: 'active' }));
}

/** The address among those of a user: the primary one, else the first. */
function emailIn(value: unknown): string | undefined {
  const all = Array.isArray(value) ? value.filter(isObject) : [];
  const chosen = all.find(({ primary }) => primary === true) ?? all[0];
  return chosen === undefined ? undefined : textOf(chosen.value, 'emails').toLowerCase();
}

/** A user as a provider writes it. What Emanet does not keep is left out. @throws Refusal `INVALID_REQUEST` `SCIM_VALUE`. */
export function readScimPerson(said: Said): ScimPerson {
  const { userName, externalId, displayName, name, emails, active } = said;
  const parts = isObject(name) ? name : {};
  const formatted = [parts.formatted, joined(parts.givenName, parts.familyName), displayName].find(
    (one) => typeof one === 'string' && one.trim() !== '',
  );
  const email = emailIn(emails);
  return {
    ...(userName === undefined ? {} : { userName: textOf(userName, 'userName').toLowerCase() }),
    ...(externalId === undefined ? {} : { externalId: externalId === null ? null : textOf(externalId, 'externalId') }),
    ...(formatted === undefined ? {} : { name: textOf(formatted, 'name').slice(0, 120) }),
    ...(email === undefined ? {} : { email }),
    ...(active === undefined ? {} : { active: truthOf(active) }),
  };
}

const joined = (...parts: readonly unknown[]): string =>
  parts
    .filter((part): part is string => typeof part === 'string')
    .join(' ')
    .trim();

/**
 * What the operations of a PATCH say of a user, the later ones on top of the earlier ones (RFC 7644, 3.5.2). Attributes that
 * Emanet does not keep change nothing. @throws Refusal `INVALID_REQUEST`.
 */
export function readPersonPatch(operations: readonly ScimOperation[]): ScimPerson {
  let whole: Said = {};
  for (const { op, path, value } of operations) {
    if (path === undefined) {
      if (op === 'remove' || !isObject(value)) refuse('SCIM_PATH', { path: '' });
      // Some providers write paths as names of one object.
      for (const [name, one] of Object.entries(value as Said)) whole = { ...whole, ...saidAt(name, one, whole) };
      continue;
    }
    const isAddress = /^(active|userName|emails)\b/i.test(path);
    if (op === 'remove' && isAddress) refuse('SCIM_PATH', { path: path.slice(0, 100) });
    whole = { ...whole, ...saidAt(path, op === 'remove' ? null : value, whole) };
  }
  return readScimPerson(whole);
}

function saidAt(path: string, value: unknown, before: Said): Said {
  const plain = path.replace(/^urn:ietf:params:scim:schemas:core:2\.0:User:/i, '');
  if (/^emails\[.{1,100}\]\.value$/i.test(plain)) return { emails: [{ value }] };
  const [first = '', second] = plain.split('.');
  if (/^name$/i.test(first) && second !== undefined) {
    const name = isObject(before.name) ? before.name : {};
    // A formatted name of before does not stand above a part that changes now.
    return { name: { ...name, [second]: value } };
  }
  const known = ['userName', 'externalId', 'displayName', 'name', 'emails', 'active'].find(
    (one) => one.toLowerCase() === plain.toLowerCase(),
  );
  return known === undefined ? {} : { [known]: value };
}

/** What changes in a group. Members by their ids. */
export interface ScimGroupChange {
  readonly displayName?: string;
  readonly externalId?: string | null;
  /** All that there are from now on; before `added` and `removed`. */
  readonly members?: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

const mostMembers = 5_000;

function membersIn(value: unknown): string[] {
  const all = Array.isArray(value) ? value : value == null ? [] : [value];
  if (all.length > mostMembers) refuse('SCIM_VALUE', { path: 'members' });
  return [...new Set(all.map((one) => textOf(isObject(one) ? one.value : one, 'members')))];
}

/** A group as a provider writes it. @throws Refusal `INVALID_REQUEST` `SCIM_VALUE`. */
export function readScimGroup(said: Said): ScimGroupChange {
  const { displayName, externalId, members } = said;
  return {
    ...(displayName === undefined ? {} : { displayName: textOf(displayName, 'displayName') }),
    ...(externalId === undefined ? {} : { externalId: externalId === null ? null : textOf(externalId, 'externalId') }),
    ...(members === undefined ? {} : { members: membersIn(members) }),
    added: [],
    removed: [],
  };
}

/** As {@link readPersonPatch}, of a group. @throws Refusal `INVALID_REQUEST`. */
export function readGroupPatch(operations: readonly ScimOperation[]): ScimGroupChange {
  let change: ScimGroupChange = { added: [], removed: [] };
  for (const { op, path, value } of operations) {
    const one = /^members\[value eq "([^"]{1,254})"\]$/i.exec(path ?? '')?.[1];
    if (one !== undefined && op === 'remove') change = without(change, [one]);
    else if (path === undefined && op !== 'remove' && isObject(value)) {
      const { members, ...rest } = readScimGroup(value);
      const next = { ...change, ...withoutLists(rest) };
      change = members === undefined ? next : op === 'add' ? withMore(next, members) : { ...next, ...only(members) };
    } else if (/^members$/i.test(path ?? '')) {
      const named = membersIn(value);
      if (op === 'add') change = withMore(change, named);
      else if (op === 'remove' && value !== undefined) change = without(change, named);
      else change = { ...change, ...only(op === 'remove' ? [] : named) };
    } else if (/^(displayName|externalId)$/i.test(path ?? '') && op !== 'remove') {
      const key = /^d/i.test(path ?? '') ? 'displayName' : 'externalId';
      change = { ...change, ...withoutLists(readScimGroup({ [key]: value })) };
    } else if (!/^(id|schemas|meta)$/i.test(path ?? '')) refuse('SCIM_PATH', { path: (path ?? '').slice(0, 100) });
  }
  return change;
}

const withoutLists = ({ added: _, removed: __, ...rest }: ScimGroupChange) => rest;
const only = (members: readonly string[]) => ({ members, added: [], removed: [] });
const withMore = (change: ScimGroupChange, ids: readonly string[]): ScimGroupChange => ({
  ...change,
  added: [...change.added, ...ids],
  removed: change.removed.filter((id) => !ids.includes(id)),
});
const without = (change: ScimGroupChange, ids: readonly string[]): ScimGroupChange => ({
  ...change,
  added: change.added.filter((id) => !ids.includes(id)),
  removed: [...change.removed, ...ids],
});
