import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Route } from '../../../src/contract/route.ts';
import { routes } from '../../../src/contract/routes.ts';

/** Arrays that are longer than any other. The whole body has a maximum of its own. */
const large: Readonly<Record<string, number>> = { 'changeCaptions.body.cues': 20_000 };

/** What of a request's schema has no end, by its path. */
function unbounded(schema: z.ZodType, path: string): string[] {
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([name, member]) => unbounded(member as z.ZodType, `${path}.${name}`));
  if (schema instanceof z.ZodArray) {
    const checks = (schema._zod.def.checks ?? []).map((check) => check._zod.def as { check: string; maximum?: number });
    const max = checks.find(({ check }) => check === 'max_length')?.maximum;
    return [
      ...(max !== undefined && max <= (large[path] ?? 1_000) ? [] : [`${path}: an array without a maximum`]),
      ...unbounded(schema.element as z.ZodType, `${path}[]`),
    ];
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return unbounded(schema.unwrap() as z.ZodType, path);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => unbounded(option as z.ZodType, path));
  if (schema instanceof z.ZodReadonly) return unbounded(schema.unwrap() as z.ZodType, path);
  if (schema instanceof z.ZodPipe) return unbounded(schema.in as z.ZodType, path);
  if (schema instanceof z.ZodUUID || schema instanceof z.ZodISODate) return [];
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat)
    return (schema as z.ZodString).maxLength === null ? [`${path}: a text without a maximum`] : [];
  if (schema instanceof z.ZodNumber) {
    const { minValue, maxValue } = schema;
    const isBounded = minValue !== null && maxValue !== null && Math.max(-minValue, maxValue) <= 2 ** 50;
    return isBounded ? [] : [`${path}: a number without bounds`];
  }
  if (schema instanceof z.ZodEnum || schema instanceof z.ZodBoolean || schema instanceof z.ZodLiteral) return [];
  // The files of a form stream and are counted as they arrive.
  if (schema instanceof z.ZodAny && /\.(file|captions)$/.test(path)) return [];
  return [`${path}: ${schema._zod.def.type}, which is not known here`];
}

/** Arrays in a request whose order and repetition mean nothing. */
const sets = [
  'createToken.body.scopes',
  'invite.body.roles',
  'recordPermission.body.purposes',
  'recordPermission.body.releaseTo',
];

describe('everything that a request may hold has a maximum', () => {
  for (const [id, route] of Object.entries(routes) as [string, Route][])
    test(id, () => {
      const parts = { params: route.params, query: route.query, body: route.body, form: route.form };
      for (const [part, schema] of Object.entries(parts))
        if (schema) expect(unbounded(schema, `${id}.${part}`)).toEqual([]);
    });
});

test.each(sets)('%s is a set', (path) => {
  const [id, , name] = path.split('.') as [keyof typeof routes, string, string];
  const body = (routes[id] as Route).body as z.ZodObject;
  let schema = body.shape[name] as z.ZodType;
  while (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) schema = schema.unwrap() as z.ZodType;
  const [value] = ((schema as z.ZodArray).element as z.ZodEnum).options;
  expect(schema.parse([value, value, value])).toEqual([value]);
});

test('the walk sees what has no end', () => {
  const open = z.object({
    a: z.string(),
    b: z.array(z.string().max(3)),
    c: z.record(z.string(), z.string()),
    d: z.number(),
  });
  expect(unbounded(open, 'x')).toHaveLength(4);
});
