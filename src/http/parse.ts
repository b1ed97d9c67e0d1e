import type { z } from 'zod';
import { fewReasons, Refusal } from '../domain/errors.ts';
import { type Reason, type ReasonCode, reasonCodes } from '../domain/reason.ts';

/** No schema of the contract has a longer list unless its route says so, or is nested deeper (tests/unit/contract). */
const usualItems = 1_000;
const mostDepth = 12;

/** Untrusted to typed. No list in it is longer than `mostItems`. @throws Refusal `INVALID_REQUEST` that names every field and its error. */
export function parse<S extends z.ZodType>(schema: S, value: unknown, mostItems: number = usualItems): z.output<S> {
  assertPlain(value, mostItems);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  throw new Refusal('INVALID_REQUEST', {
    reasons: fewReasons(
      issues.slice(0, 100).map((issue) => {
        return reasonOf(issue);
      }),
      issues.length,
    ),
  });
}

/**
 * Refuses values that no schema takes before a schema is asked, so that it never walks a list of a hundred thousand:
 * lists that are too long, values that are too deep, and text that a database cannot hold, anywhere in the value. Walks
 * without recursion.
 * @throws Refusal `INVALID_REQUEST` with the first such field.
 */
function assertPlain(value: unknown, mostItems: number): void {
  const left: { value: unknown; path: string; depth: number }[] = [{ value, path: '', depth: 0 }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { value: one, path, depth } = next;
    const refuse = (code: ReasonCode) => {
      throw new Refusal('INVALID_REQUEST', { reasons: [wrong(code, path.slice(0, 200) || 'body')] });
    };
    if (typeof one === 'string' && (one.includes('\0') || !one.isWellFormed())) refuse('NOT_TEXT');
    if (typeof one !== 'object' || one === null) continue;
    const members = Object.entries(one);
    if (members.length > mostItems) refuse('TOO_BIG');
    if (depth === mostDepth) refuse('TOO_DEEP');
    for (const [name, member] of members)
      left.push({ value: member, path: path === '' ? name : `${path}.${name}`, depth: depth + 1 });
  }
}

const known: Readonly<Record<string, ReasonCode>> = {
  invalid_type: 'INVALID_TYPE',
  too_big: 'TOO_LONG',
  too_small: 'TOO_SHORT',
  invalid_format: 'INVALID_FORMAT',
  invalid_value: 'INVALID_VALUE',
  unrecognized_keys: 'UNRECOGNIZED_KEYS',
};

/**
 * The reason for a schema's refusal, by the kind of the issue; a rule of our own names its reason
 * (`contract/values.ts`).
 */
function reasonOf(issue: z.core.$ZodIssue): Reason {
  const field = issue.path.join('.') || 'body';
  const code = issue.code === 'custom' ? reasonCodes.find((one) => one === issue.message) : known[issue.code];
  return wrong(code ?? 'INVALID_VALUE', field, paramsOf(issue));
}

function paramsOf(issue: z.core.$ZodIssue): NonNullable<Reason['params']> {
  switch (issue.code) {
    case 'invalid_type':
      return { expected: issue.expected };
    case 'too_big':
      return { most: String(issue.maximum) };
    case 'too_small':
      return { least: String(issue.minimum) };
    case 'invalid_format':
      return { format: issue.format };
    case 'unrecognized_keys':
      return { keys: issue.keys.join(', ').slice(0, 200) };
    default:
      return {};
  }
}

function wrong(code: ReasonCode, field: string, params: Reason['params'] = {}): Reason {
  return { code, subject: { kind: 'field', id: field }, params: { field, ...params } };
}
