import { TOTP, URI } from 'otpauth';

/**
 * The six digits that an authenticator shows at `at` for an `otpauth:` address. RFC 6238. For demo and test accounts.
 */
export function totpAt(otpauthUri: string, at = new Date()): string {
  const totp = URI.parse(otpauthUri);
  if (!(totp instanceof TOTP)) throw new Error('the otpauth address is not one of time');
  return totp.generate({ timestamp: at.getTime() });
}
