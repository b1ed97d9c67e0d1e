import type { z } from 'zod';
import { Refusal } from '../domain/errors.ts';

/** Untrusted to typed. @throws Refusal `INVALID_REQUEST` that names every field and what is wrong with it. */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Refusal('INVALID_REQUEST', {
    reasons: result.error.issues.map((issue) => {
      const field = issue.path.join('.') || 'body';
      return {
        code: issue.code.toUpperCase(),
        subject: { kind: 'field', id: field },
        tr: `“${field}” alanı geçersiz: ${issue.message}.`,
        en: `Field “${field}” is not valid: ${issue.message}.`,
      };
    }),
  });
}
