import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The part of Prisma's schema language that `prisma/schema` uses. */
export interface Field {
  readonly name: string;
  readonly column: string;
  /** Name of a scalar, an enum or another model. */
  readonly type: string;
  readonly isList: boolean;
  readonly isOptional: boolean;
  readonly attributes: string;
}
export interface Model {
  readonly name: string;
  readonly table: string;
  readonly fields: readonly Field[];
  /** `@@index([a, b])` and the like, one each. */
  readonly blocks: readonly string[];
}

const folder = join(import.meta.dirname, '../../prisma/schema');

export function readPrismaSchema(): { models: Model[]; enums: Map<string, string[]> } {
  const text = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  const models: Model[] = [];
  const enums = new Map<string, string[]>();
  for (const [, kind, name, body] of text.matchAll(/^(model|enum) (\w+) \{\n([^}]*(?:\}[^}\n][^}]*)*)^\}/gm)) {
    const lines = body!
      .split('\n')
      .map((line) => line.replace(/\/\/.*$/, '').trim())
      .filter((line) => line !== '');
    const blocks = lines.filter((line) => line.startsWith('@@'));
    const rest = lines.filter((line) => !line.startsWith('@@'));
    if (kind === 'enum') enums.set(name!, rest);
    else
      models.push({
        name: name!,
        table: /@@map\("(\w+)"\)/.exec(blocks.join('\n'))?.[1] ?? name!,
        fields: rest.map(readField),
        blocks,
      });
  }
  return { models, enums };
}

function readField(line: string): Field {
  const found = /^(\w+)\s+(\w+(?:\("\w+"\))?)(\[\])?(\?)?(.*)$/.exec(line);
  if (!found) throw new Error(`not a field: ${line}`);
  const [, name = '', type = '', list, optional, attributes = ''] = found;
  return {
    name,
    column: /@map\("(\w+)"\)/.exec(attributes)?.[1] ?? name,
    type,
    isList: list !== undefined,
    isOptional: optional !== undefined,
    attributes: attributes.trim(),
  };
}
