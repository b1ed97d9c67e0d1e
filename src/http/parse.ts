import type { z } from 'zod';
import { fewReasons, type Reason, Refusal } from '../domain/errors.ts';

/** No schema of the contract has a longer list, nor goes as deep (tests/unit/contract). */
const mostItems = 1_000;
const mostDepth = 12;

/** Untrusted to typed. @throws Refusal `INVALID_REQUEST` that names every field and what is wrong with it. */
export function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  assertPlain(value);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  throw new Refusal('INVALID_REQUEST', {
    reasons: fewReasons(
      issues.slice(0, 100).map((issue) => {
        const field = issue.path.join('.') || 'body';
        return wrong(field, issue.code.toUpperCase(), issue.message, issue.message);
      }),
      issues.length,
    ),
  });
}

/**
 * Refuses what no schema takes before one is asked, so that a schema never walks a list of a hundred thousand: lists that are
 * too long, values that are too deep, and text that a database cannot hold, wherever it stands. Walks without recursion.
 * @throws Refusal `INVALID_REQUEST` with the first field that is so.
 */
function assertPlain(value: unknown): void {
  const left: { value: unknown; path: string; depth: number }[] = [{ value, path: '', depth: 0 }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { value: one, path, depth } = next;
    const refuse = (code: string, tr: string, en: string) => {
      throw new Refusal('INVALID_REQUEST', { reasons: [wrong(path.slice(0, 200) || 'body', code, tr, en)] });
    };
    if (typeof one === 'string' && (one.includes('\0') || !one.isWellFormed()))
      refuse('NOT_TEXT', 'saklanamayan karakterler içeriyor', 'has characters that cannot be stored');
    if (typeof one !== 'object' || one === null) continue;
    const members = Object.entries(one);
    if (members.length > mostItems) refuse('TOO_BIG', 'çok fazla öge var', 'has too many items');
    if (depth === mostDepth) refuse('TOO_DEEP', 'iç içe çok fazla katman var', 'is nested too deeply');
    for (const [name, member] of members)
      left.push({ value: member, path: path === '' ? name : `${path}.${name}`, depth: depth + 1 });
  }
}

function wrong(field: string, code: string, tr: string, en: string): Reason {
  return {
    code,
    subject: { kind: 'field', id: field },
    tr: `“${field}” alanı geçersiz: ${tr}.`,
    en: `Field “${field}” is not valid: ${en}.`,
  };
}
