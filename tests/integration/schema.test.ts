import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type Field, type Model, readPrismaSchema } from '../support/prisma-schema.ts';

const { models, enums } = readPrismaSchema();
const modelNames = new Set(models.map(({ name }) => name));
let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});
const list = async (sql: string) => (await client.query({ text: sql, rowMode: 'array' })).rows as unknown[][];

const columnsOf = (model: Model) => model.fields.filter(({ type }) => !modelNames.has(type));

const scalars: Readonly<Record<string, string>> = {
  String: 'text',
  Int: 'integer',
  BigInt: 'bigint',
  Boolean: 'boolean',
  Float: 'double precision',
  Json: 'jsonb',
  Bytes: 'bytea',
};
const natives: Readonly<Record<string, string>> = {
  Uuid: 'uuid',
  SmallInt: 'smallint',
  Date: 'date',
  'Timestamptz(3)': 'timestamp(3) with time zone',
};
function sqlType({ type, isList, attributes }: Field): string {
  const native = /@db\.(\w+(?:\(\d+\))?)/.exec(attributes)?.[1];
  const unsupported = /^Unsupported\("(\w+)"\)$/.exec(type)?.[1];
  const one = native ? natives[native] : (unsupported ?? (enums.has(type) ? `"${type}"` : scalars[type]));
  return `${one}${isList ? '[]' : ''}`;
}
/** Those that the client makes are not in the table. */
const hasDefault = ({ attributes }: Field) => /@default\((?!uuid\()/.test(attributes);

/** `["a, b", …]` of `@@index([a, b])` and the like, as columns. */
function listsOf(model: Model, attribute: string): string[] {
  const columnOf = new Map(model.fields.map(({ name, column }) => [name, column]));
  return model.blocks.flatMap((block) => {
    const names = new RegExp(`^@@${attribute}\\(\\[([^\\]]+)\\]`).exec(block)?.[1];
    return names === undefined
      ? []
      : [
          names
            .split(/,\s*/)
            .map((name) => columnOf.get(name))
            .join(', '),
        ];
  });
}

test('the tables of the migrations are the models of the schema', async () => {
  const rows = await list(
    `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'`,
  );
  expect(rows.flat().sort()).toEqual(models.map(({ table }) => table).sort());
});

test('the enums are the same, to the order of their literals', async () => {
  const rows = await list(
    `SELECT typname::text, array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum JOIN pg_type t ON t.oid = enumtypid
     WHERE typnamespace = 'public'::regnamespace GROUP BY typname`,
  );
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(enums));
});

describe.each(models)('$table', (model) => {
  test('has the columns of the schema: type, nullability, default', async () => {
    const rows = await list(
      `SELECT attname::text, format_type(atttypid, atttypmod), attnotnull, atthasdef OR attidentity <> ''
       FROM pg_attribute WHERE attrelid = '"${model.table}"'::regclass AND attnum > 0 AND NOT attisdropped`,
    );
    const found = new Map(rows.map(([name, type, isSet, isGiven]) => [name, { type, isSet, isGiven }]));
    // A list has no null in the schema and may have one in the table, as Prisma makes it: it reads it as an empty one.
    const lists = new Set(columnsOf(model).flatMap(({ isList, column }) => (isList ? [column] : [])));
    for (const name of lists) found.set(name, { ...found.get(name)!, isSet: true });
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(
        columnsOf(model).map((field) => [
          field.column,
          { type: sqlType(field), isSet: !field.isOptional, isGiven: hasDefault(field) },
        ]),
      ),
    );
  });

  test('has the keys and indexes of the schema', async () => {
    const rows = await list(
      `SELECT CASE WHEN indisprimary THEN 'id' WHEN indisunique THEN 'unique' ELSE 'index' END,
         (SELECT string_agg(attname, ', ' ORDER BY place) FROM unnest(indkey[0:indnkeyatts - 1]) WITH ORDINALITY AS k(number, place)
            JOIN pg_attribute ON attrelid = indrelid AND attnum = number)
       FROM pg_index WHERE indrelid = '"${model.table}"'::regclass AND indpred IS NULL AND indexprs IS NULL`,
    );
    const marked = (attribute: string) =>
      model.fields.flatMap(({ attributes, column }) =>
        new RegExp(`(^| )@${attribute}( |$)`).test(attributes) ? [column] : [],
      );
    const asked = ['id', 'unique', 'index'].flatMap((kind) =>
      [...marked(kind), ...listsOf(model, kind)].map((columns) => [kind, columns]),
    );
    expect(rows.sort()).toEqual(asked.sort());
  });

  test('has the foreign keys of the schema', async () => {
    const rows = await list(
      `SELECT a.attname::text, confrelid::regclass::text, confdeltype::text FROM pg_constraint
         JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]
       WHERE conrelid = '"${model.table}"'::regclass AND contype = 'f'`,
    );
    const asked = model.fields.flatMap((field) => {
      const own = /@relation\((?:"\w+", )?fields: \[(\w+)/.exec(field.attributes)?.[1];
      if (own === undefined) return [];
      const other = models.find(({ name }) => name === field.type)!.table;
      const rule = /onDelete: (\w+)/.exec(field.attributes)?.[1] ?? (field.isOptional ? 'SetNull' : 'Restrict');
      return [
        [own, /^(user|order)$/.test(other) ? `"${other}"` : other, { Cascade: 'c', SetNull: 'n', Restrict: 'r' }[rule]],
      ];
    });
    expect(rows.sort()).toEqual(asked.sort());
  });
});
