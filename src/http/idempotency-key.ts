import type { Request } from 'express';
import { Refusal } from '../domain/errors.ts';

/**
 * The sender's own name for a request that it may have to repeat (draft-ietf-httpapi-idempotency-key-header).
 * @throws Refusal `INVALID_REQUEST` unless it is 8 to 200 visible characters of ASCII.
 */
export function idempotencyKey(req: Request): string | undefined {
  const key = req.get('idempotency-key');
  if (key === undefined || /^[\x21-\x7e]{8,200}$/.test(key)) return key;
  const field = 'Idempotency-Key';
  throw new Refusal('INVALID_REQUEST', {
    reasons: [
      { code: 'INVALID_FORMAT', subject: { kind: 'field', id: field }, params: { field, format: '8–200 ASCII' } },
    ],
  });
}
