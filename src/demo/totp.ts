import { base32 } from '@better-auth/utils/base32';
import { createOTP } from '@better-auth/utils/otp';

/** The six digits that an authenticator would show now for an `otpauth://` address. RFC 6238. For demo and test accounts. */
export function totpNow(otpauthUri: string): Promise<string> {
  const secret = new URL(otpauthUri).searchParams.get('secret');
  if (!secret) throw new Error('the otpauth address has no secret');
  return createOTP(base32.decode(secret)).totp();
}
