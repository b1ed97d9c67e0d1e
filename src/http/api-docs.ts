import { type Html, html } from './signer/html.ts';
import type { PlainPage } from './web-pages.ts';

/** What of a JSON schema is told to a reader. */
interface Schema {
  readonly $ref?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly type?: string | readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
}
type Content = Readonly<Record<string, { readonly schema?: Schema }>>;
interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema?: Schema;
    readonly description?: string;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}
/** The part of an OpenAPI 3.1 document that the page shows. */
export interface ApiDescription {
  readonly info: { readonly title: string; readonly description?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** What `plain.html` says in its places: a page to read, made from the API's own description, so nothing of it is written twice. */
export function apiDocs({ info, paths, components }: ApiDescription): PlainPage {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ path, method, operation }];
    }),
  );
  const tags = [...new Set(operations.map(({ operation }) => operation.tags[0] ?? ''))];
  const body = html`<header><span class="brand">Emanet</span><nav aria-label="Pages"><a href="/">Start page</a> <a href="/api/openapi.json">openapi.json</a></nav></header>
<main>
<h1>${info.title} – HTTP API</h1>
<p>${info.description}</p>
<nav aria-label="Parts"><ul>${[...tags, 'Schemas'].map((tag) => html`<li><a href="#${tag}">${tag}</a></li>`)}</ul></nav>
${tags.map(
  (tag) =>
    html`<section><h2 id="${tag}">${tag}</h2>${operations
      .filter(({ operation }) => operation.tags[0] === tag)
      .map(({ path, method, operation }) => operationPart(path, method, operation))}</section>`,
)}
<section><h2 id="Schemas">Schemas</h2>${Object.entries(components?.schemas ?? {}).map(
    ([name, schema]) =>
      html`<details><summary><strong>${name}</strong></summary><div id="schema-${name}">${schemaPart(schema)}</div></details>`,
  )}</section>
</main>`;
  return { language: 'en', title: html`${info.title} – HTTP API`.html, body: body.html };
}

function operationPart(path: string, method: string, operation: Operation): Html {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  return html`<details><summary><code>${method.toUpperCase()} ${path}</code> ${summary}</summary><div id="${operationId}">
<p>${description}</p>
${
  parameters.length > 0 &&
  html`<h3>Parameters</h3>${propertyTable(
    parameters.map((one) => [`${one.name} (${one.in})`, one.required === true, one.schema, one.description]),
  )}`
}
${requestBody && html`<h3>Body</h3>${contentPart(requestBody.content)}`}
<h3>Answers</h3>${Object.entries(responses).map(
    ([status, answer]) =>
      html`<p><strong>${status === 'default' ? 'otherwise' : status}</strong> ${answer.description}</p>${contentPart(answer.content ?? {})}`,
  )}
</div></details>`;
}

const contentPart = (content: Content): Html[] =>
  Object.entries(content).map(([type, { schema }]) => html`<p><code>${type}</code></p>${schema && schemaPart(schema)}`);

function schemaPart(schema: Schema): Html {
  const properties = Object.entries(schema.properties ?? {});
  return html`${schema.description && html`<p>${schema.description}</p>`}${
    properties.length > 0
      ? propertyTable(
          properties.map(([name, inner]) => [name, schema.required?.includes(name) ?? false, inner, inner.description]),
        )
      : html`<p>${typeOf(schema)}</p>`
  }`;
}

type Row = readonly [name: string, isNeeded: boolean, schema: Schema | undefined, description: string | undefined];

const propertyTable = (rows: readonly Row[]): Html =>
  html`<div class="scroll" tabindex="0"><table><thead><tr>${['Name', 'Needed', 'Type', 'Meaning'].map(
    (label) => html`<th scope="col">${label}</th>`,
  )}</tr></thead><tbody>${rows.map(
    ([name, isNeeded, schema, description]) =>
      html`<tr><th scope="row"><code>${name}</code></th><td>${isNeeded ? 'yes' : ''}</td><td>${typeOf(schema)}</td><td>${description}</td></tr>`,
  )}</tbody></table></div>`;

/** The type of a value in a few words; a named schema becomes a link to it. */
function typeOf(schema: Schema | undefined, depth = 0): Html {
  if (schema === undefined || Object.keys(schema).length === 0) return html`anything`;
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1);
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (schema.const !== undefined) return html`${JSON.stringify(schema.const)}`;
  if (schema.enum) return html`${schema.enum.map((value) => JSON.stringify(value)).join(' | ')}`;
  const any = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (any) {
    const between = schema.allOf ? ' and ' : ' or ';
    return html`${any.map((inner, at) => html`${at > 0 && between}${typeOf(inner, depth)}`)}`;
  }
  if (schema.type === 'array') return html`list of ${typeOf(schema.items, depth)}`;
  if (schema.type === 'object' && schema.properties && depth < 3)
    return html`{ ${Object.entries(schema.properties).map(
      ([name, value], at) => html`${at > 0 && ', '}${name}: ${typeOf(value, depth + 1)}`,
    )} }`;
  const limits = limitsOf(schema);
  return html`${[schema.type ?? 'anything'].flat().join(' or ')}${limits.length > 0 && ` (${limits.join(', ')})`}`;
}

function limitsOf({ format, minLength, maxLength, minimum, maximum, default: preset }: Schema): string[] {
  return [
    format,
    minLength === undefined ? undefined : `at least ${minLength} characters`,
    maxLength === undefined ? undefined : `at most ${maxLength} characters`,
    minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : `from ${minimum}`,
    maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : `to ${maximum}`,
    preset === undefined ? undefined : `default ${JSON.stringify(preset)}`,
  ].filter((limit) => limit !== undefined);
}
