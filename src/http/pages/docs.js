import { h } from './dom.js';

const main = document.getElementById('main');
const methods = ['get', 'post', 'put', 'patch', 'delete'];

/** A page to read, made from the API's own description: nothing here is written twice. */
async function begin() {
  const response = await fetch('/api/openapi.json');
  if (!response.ok) throw new Error(`/api/openapi.json answered ${response.status}`);
  const api = await response.json();
  const routes = Object.entries(api.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })),
  );
  const tags = [...new Set(routes.map((route) => route.tags[0]))];
  main.replaceChildren(
    h('h1', {}, `${api.info.title} – HTTP API`),
    h('p', { class: 'lead' }, api.info.description),
    h(
      'nav',
      { class: 'row', 'aria-label': 'Parts' },
      [...tags, 'Schemas'].map((tag) => h('a', { class: 'button', href: `#${tag}` }, tag)),
    ),
    ...tags.map((tag) =>
      h('section', {}, h('h2', { id: tag }, tag), routes.filter((route) => route.tags[0] === tag).map(routeItem)),
    ),
    h(
      'section',
      {},
      h('h2', { id: 'Schemas' }, 'Schemas'),
      Object.entries(api.components?.schemas ?? {}).map(([name, schema]) =>
        h(
          'details',
          { class: 'card', id: `schema-${name}` },
          h('summary', {}, h('strong', {}, name)),
          schemaPart(schema),
        ),
      ),
    ),
  );
  openTarget();
}

function routeItem(route) {
  return h(
    'details',
    { class: 'card route', id: route.operationId },
    h(
      'summary',
      {},
      h('span', { class: `method ${route.method}` }, route.method.toUpperCase()),
      ' ',
      h('code', {}, route.path),
      ' ',
      h('span', {}, route.summary),
    ),
    h('p', {}, route.description),
    route.parameters?.length > 0 && [
      h('h3', {}, 'Parameters'),
      propertyTable(
        route.parameters.map(({ name, in: place, required, schema, description }) => [
          `${name} (${place})`,
          required,
          schema,
          description,
        ]),
      ),
    ],
    route.requestBody && [
      h('h3', {}, 'Body'),
      Object.entries(route.requestBody.content).map(([type, { schema }]) => [
        h('p', {}, h('code', {}, type)),
        schemaPart(schema),
      ]),
    ],
    h('h3', {}, 'Answers'),
    Object.entries(route.responses).map(([status, { description, content }]) =>
      h(
        'div',
        {},
        h('p', {}, h('strong', {}, status === 'default' ? 'otherwise' : status), ` ${description}`),
        Object.entries(content ?? {}).map(([type, { schema }]) => [
          h('p', {}, h('code', {}, type)),
          schemaPart(schema),
        ]),
      ),
    ),
  );
}

function schemaPart(schema) {
  if (!schema) return null;
  const properties = Object.entries(schema.properties ?? {});
  return [
    schema.description && h('p', {}, schema.description),
    properties.length > 0
      ? propertyTable(
          properties.map(([name, inner]) => [name, schema.required?.includes(name) ?? false, inner, inner.description]),
        )
      : h('p', {}, typeInWords(schema)),
  ];
}

function propertyTable(rows) {
  return h(
    'div',
    { class: 'scroll' },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ['Name', 'Needed', 'Type', 'Meaning'].map((label) => h('th', { scope: 'col' }, label)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map(([name, required, schema, description]) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, h('code', {}, name)),
            h('td', {}, required ? 'yes' : ''),
            h('td', {}, typeInWords(schema)),
            h('td', {}, description ?? ''),
          ),
        ),
      ),
    ),
  );
}

/** The type of a value in a few words; a named schema becomes a link to it. */
function typeInWords(schema, depth = 0) {
  if (!schema || Object.keys(schema).length === 0) return ['anything'];
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1);
    return [h('a', { href: `#schema-${name}` }, name)];
  }
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(' | ')];
  const any = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (any)
    return any.flatMap((inner, index) => [
      ...(index > 0 ? [schema.allOf ? ' and ' : ' or '] : []),
      ...typeInWords(inner, depth),
    ]);
  if (schema.type === 'array') return ['list of ', ...typeInWords(schema.items, depth)];
  if (schema.type === 'object' && schema.properties && depth < 3) {
    const inner = Object.entries(schema.properties).flatMap(([name, value], index) => [
      index > 0 ? ', ' : '',
      `${name}: `,
      ...typeInWords(value, depth + 1),
    ]);
    return ['{ ', ...inner, ' }'];
  }
  const limits = [
    schema.format,
    schema.minLength !== undefined && `at least ${schema.minLength} characters`,
    schema.maxLength !== undefined && `at most ${schema.maxLength} characters`,
    schema.minimum > Number.MIN_SAFE_INTEGER && `from ${schema.minimum}`,
    schema.maximum < Number.MAX_SAFE_INTEGER && `to ${schema.maximum}`,
    schema.default !== undefined && `default ${JSON.stringify(schema.default)}`,
  ].filter(Boolean);
  return [`${[schema.type ?? 'anything'].flat().join(' or ')}${limits.length > 0 ? ` (${limits.join(', ')})` : ''}`];
}

/** A link to a route or schema opens it. */
function openTarget() {
  const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  if (!target) return;
  if (target instanceof HTMLDetailsElement) target.open = true;
  target.scrollIntoView();
}

addEventListener('hashchange', openTarget);
begin().catch((error) => {
  console.error(error);
  main.replaceChildren(
    h('p', { class: 'notice bad', role: 'alert' }, `The description of the API cannot be loaded. ${error.message}`),
  );
});
