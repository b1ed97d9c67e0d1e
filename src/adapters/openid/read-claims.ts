import type { ProvidedPerson } from '../../pipeline/ports/sign-on.ts';

/** RFC 8176: more than one factor was used. */
const twoFactorMethod = 'mfa';
/** Classes of authentication that are two factors: REFEDS, OpenID EAP, and the one that Microsoft names. */
const twoFactorClasses = [
  'https://refeds.org/profile/mfa',
  'phr',
  'phrh',
  'http://schemas.openid.net/pape/policies/2007/06/multi-factor',
];

const mostGroups = 2_000;
const mostLetters = 300;

/** What claims say of somebody. The issuer and the subject were checked before. */
export function readClaims(claims: Readonly<Record<string, unknown>>, groupsClaim: string): ProvidedPerson {
  const { iss, sub, sid, email, email_verified, name, amr, acr, auth_time } = claims;
  return {
    issuer: String(iss),
    subject: String(sub),
    sessionId: text(sid),
    email: text(email)?.toLowerCase() ?? null,
    // Some providers write it as text.
    isEmailVerified: email_verified === true || email_verified === 'true',
    name: text(name),
    groups: groupsIn(at(claims, groupsClaim)),
    usedTwoFactors:
      (Array.isArray(amr) && amr.includes(twoFactorMethod)) ||
      (typeof acr === 'string' && twoFactorClasses.includes(acr)),
    authenticatedAt: typeof auth_time === 'number' ? new Date(auth_time * 1000) : null,
  };
}

function text(value: unknown): string | null {
  const isText = typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
  const trimmed = isText ? value.trim().slice(0, mostLetters) : '';
  return trimmed === '' ? null : trimmed;
}

/** A claim by its name, or by a path of names with dots between them, as `realm_access.roles`. */
function at(claims: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>(
      (value, step) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, step)
          ? Reflect.get(value, step)
          : undefined,
      claims,
    );
}

function groupsIn(value: unknown): string[] | null {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return null;
  return value.filter((one): one is string => typeof one === 'string').slice(0, mostGroups);
}
