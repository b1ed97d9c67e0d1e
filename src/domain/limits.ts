/**
 * A limit on how often a request may be made. `of` says who is counted: a network address (an IPv6 address by its first
 * 64 bits, which one household has), or a member of staff. `only: 'failures'` counts refusals only: it never holds up a
 * caller who is entitled to the answer. Policy P10.
 */
export interface Limit {
  readonly of: 'address' | 'person';
  readonly points: number;
  readonly seconds: number;
  readonly only?: 'failures';
}

const minute = 60;
const hour = 60 * minute;

/** A school is one address: what is counted by address has room for a whole staff room that mistypes. */
export const limits = {
  /** Passwords and codes that were wrong. One account is locked long before: `staff/attempts.ts`. */
  signIn: { of: 'address', points: 200, seconds: 10 * minute, only: 'failures' },
  /** Counted apart from passwords: guessing those does not hold up a passkey. */
  passkey: { of: 'address', points: 200, seconds: 10 * minute, only: 'failures' },
  /** Journeys to the provider of single sign-on: a staff room begins its day in a few minutes. */
  provider: { of: 'address', points: 600, seconds: 10 * minute },
  /** Calls in the name of the provider that are not its own: tokens of SCIM, sign-outs. */
  fromProvider: { of: 'address', points: 60, seconds: 10 * minute, only: 'failures' },
  invitation: { of: 'address', points: 20, seconds: 10 * minute, only: 'failures' },
  passwordReset: { of: 'address', points: 20, seconds: hour },
  link: { of: 'address', points: 120, seconds: minute, only: 'failures' },
  passkeyOptions: { of: 'address', points: 600, seconds: 10 * minute },
  credentials: { of: 'person', points: 30, seconds: hour },
  invite: { of: 'person', points: 60, seconds: hour },
  upload: { of: 'person', points: 600, seconds: hour },
  export: { of: 'person', points: 60, seconds: hour },
  evidence: { of: 'person', points: 60, seconds: hour },
  /** Requests that add an entry to the log each time. */
  look: { of: 'person', points: 600, seconds: 10 * minute },
  works: { of: 'person', points: 2_000, seconds: hour },
  roster: { of: 'person', points: 120, seconds: hour },
  scan: { of: 'person', points: 120, seconds: hour },
  sheets: { of: 'person', points: 120, seconds: hour },
  check: { of: 'person', points: 60, seconds: hour },
} as const satisfies Record<string, Limit>;
export type LimitName = keyof typeof limits;

/** The table for people, in Markdown; `routes` say which limit they have. */
export function limitsTable(
  routes: Readonly<Record<string, { readonly path: string; readonly limit?: LimitName }>>,
): string {
  const rows = (Object.entries(limits) as [LimitName, Limit][]).map(([name, { of, points, seconds, only }]) => {
    const used = Object.entries(routes).filter(([, { limit }]) => limit === name);
    const what = used.map(([id]) => `\`${id}\``).join(', ');
    const time = seconds % hour === 0 ? `${seconds / hour} h` : `${seconds / minute} min`;
    return `| ${name} | ${points}${only === 'failures' ? ' refused' : ''} in ${time} | ${of} | ${what} |`;
  });
  return ['| limit | how many | of a | routes |', '|---|---|---|---|', ...rows].join('\n');
}
