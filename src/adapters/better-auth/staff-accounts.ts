import { randomUUID } from 'node:crypto';
import { prismaAdapter } from '@better-auth/prisma-adapter';
import { APIError, betterAuth } from 'better-auth';
import { twoFactor } from 'better-auth/plugins/two-factor';
import type { StaffAccounts } from '../../pipeline/ports.ts';
import type { PrismaClient } from '../prisma/generated/client.ts';

/**
 * Staff accounts by better-auth on our own tables. Its HTTP routes are not mounted: every route of ours stands in
 * `contract/routes.ts`, so nothing is reachable that the table of access does not name. Policy P10.
 * Passwords: scrypt, the library's default.
 */
export function createStaffAccounts(options: { client: PrismaClient; secret: string; baseUrl: string }): StaffAccounts {
  const auth = betterAuth({
    appName: 'Emanet',
    baseURL: options.baseUrl,
    secret: options.secret,
    database: prismaAdapter(options.client, { provider: 'postgresql' }),
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12, maxPasswordLength: 128 },
    session: { expiresIn: 12 * 60 * 60, updateAge: 60 * 60, cookieCache: { enabled: false } },
    advanced: {
      useSecureCookies: options.baseUrl.startsWith('https:'),
      defaultCookieAttributes: { sameSite: 'strict', httpOnly: true },
      // Network addresses stand on the log only, where they are forgotten in time (P11).
      ipAddress: { disableIpTracking: true },
      database: { generateId: () => randomUUID() },
    },
    plugins: [twoFactor({ issuer: 'Emanet', totpOptions: { digits: 6, period: 30 } })],
    telemetry: { enabled: false },
    logger: { disabled: true },
    rateLimit: { enabled: false }, // lock-out per account is ours: pipeline/staff/sign-in.ts
  });

  /** Runs a call of the library. What it reports as its own failure may be the database's: then that is what is thrown. */
  async function run<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof APIError && error.statusCode >= 500) await options.client.$queryRaw`SELECT 1`;
      throw error;
    }
  }

  /** The same; null when the library says "no" to what a person typed. */
  async function ask<T>(call: () => Promise<T>): Promise<T | null> {
    try {
      return await run(call);
    } catch (error) {
      if (error instanceof APIError && [400, 401, 429].includes(error.statusCode)) return null;
      throw error;
    }
  }

  return {
    async hashPassword(password) {
      return (await auth.$context).password.hash(password);
    },

    async signIn({ email, password, code }, headers) {
      const first = await ask(() =>
        auth.api.signInEmail({ body: { email, password }, headers: withoutCookies(headers), returnHeaders: true }),
      );
      if (!first) return { kind: 'failed' };
      const answer = first.response as { twoFactorRedirect?: boolean; user?: { id: string } };
      if (!answer.twoFactorRedirect)
        return { kind: 'signed_in', userId: answer.user!.id, cookies: first.headers.getSetCookie() };
      if (code === undefined) return { kind: 'code_needed' };
      const challenge = withoutCookies(headers);
      challenge.set(
        'cookie',
        first.headers
          .getSetCookie()
          .map((cookie) => cookie.split(';')[0])
          .join('; '),
      );
      const answerTo = { body: { code }, headers: challenge, returnHeaders: true } as const;
      const second = await ask(async () =>
        code.includes('-') ? auth.api.verifyBackupCode(answerTo) : auth.api.verifyTOTP(answerTo),
      );
      if (!second) return { kind: 'failed' };
      return { kind: 'signed_in', userId: second.response.user!.id, cookies: second.headers.getSetCookie() };
    },

    async findSession(headers) {
      if (!headers.has('cookie')) return null;
      const found = await run(() => auth.api.getSession({ headers }));
      return found ? { userId: found.user.id, sessionId: found.session.id } : null;
    },

    async signOut(headers) {
      const { headers: answer } = await run(() => auth.api.signOut({ headers, returnHeaders: true }));
      return { cookies: answer.getSetCookie() };
    },

    async beginSecondFactor(password, headers) {
      const answer = await ask(() => auth.api.enableTwoFactor({ body: { password }, headers, returnHeaders: true }));
      if (!answer) return null;
      const { totpURI, backupCodes } = answer.response as { totpURI: string; backupCodes: string[] };
      return { totpUri: totpURI, backupCodes, cookies: answer.headers.getSetCookie() };
    },

    async verifySecondFactor(code, headers) {
      const answer = await ask(() => auth.api.verifyTOTP({ body: { code }, headers, returnHeaders: true }));
      return answer ? { cookies: answer.headers.getSetCookie() } : null;
    },
  };
}

/** A sign-in starts from nothing: an old session must not answer in its place. */
function withoutCookies(headers: Headers): Headers {
  const rest = new Headers(headers);
  rest.delete('cookie');
  return rest;
}
