import type { Request, Response } from 'express';
import type { Presented } from '../pipeline/staff/sign-in.ts';

/** `__Host-`: only this very host can have set it, over TLS, for every path (RFC 6265bis, 4.1.3.2). */
function cookieName(isSecure: boolean): string {
  return isSecure ? '__Host-emanet-session' : 'emanet-session';
}

/** The credentials of a request. Of cookies of one name the first counts, as browsers send ours. */
export function presentedBy({ headers }: Pick<Request, 'headers'>, isSecure: boolean): Presented {
  const name = `${cookieName(isSecure)}=`;
  const cookie = (headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(name));
  const sessionToken = /^[\w-]{43}$/.exec(cookie?.slice(name.length) ?? '')?.[0] ?? null;
  const apiToken = /^Bearer (emt_[\w-]{20,100})$/.exec(headers.authorization ?? '')?.[1] ?? null;
  return { apiToken, sessionToken };
}

/** The token of a provider that provisions staff (SCIM). */
export const scimTokenIn = ({ headers }: Pick<Request, 'headers'>): string | null =>
  /^Bearer (ems_[\w-]{43})$/.exec(headers.authorization ?? '')?.[1] ?? null;

/** The secret of a runner. */
export const runnerSecretOf = ({ headers }: Pick<Request, 'headers'>): string | null =>
  /^Bearer (emr_[\w-]{43})$/.exec(headers.authorization ?? '')?.[1] ?? null;

/** As {@link presentedBy}, whether or not the request came over TLS. */
export function presentedAnyhow(req: Pick<Request, 'headers'>): Presented {
  const [secure, plain] = [presentedBy(req, true), presentedBy(req, false)];
  return { apiToken: secure.apiToken, sessionToken: secure.sessionToken ?? plain.sessionToken };
}

/** Whether a browser brings a cookie of a session, valid or not. */
export const hasSessionCookie = (req: Request): boolean => presentedAnyhow(req).sessionToken !== null;

export function setSessionCookie(res: Response, token: string, isSecure: boolean): void {
  res.cookie(cookieName(isSecure), token, attributes(isSecure));
}

export function clearSessionCookie(res: Response, isSecure: boolean): void {
  res.clearCookie(cookieName(isSecure), attributes(isSecure));
}

/** No end date: the cookie goes with the browser, and the server ends the session before. */
const attributes = (isSecure: boolean) =>
  ({ httpOnly: true, sameSite: 'strict', path: '/', secure: isSecure, encode: String }) as const;
