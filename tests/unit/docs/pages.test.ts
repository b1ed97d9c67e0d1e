import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { settings, settingsTable } from '../../../src/config/env.ts';
import { routes } from '../../../src/contract/routes.ts';
import { transitions } from '../../../src/domain/lifecycle.ts';
import { limitsTable } from '../../../src/domain/limits.ts';

const root = join(import.meta.dirname, '../../..');
const read = (page: string) => readFileSync(join(root, page), 'utf8');
/** Tables may be padded for the eye. */
const flat = (table: string) =>
  table
    .replaceAll(/ +/g, ' ')
    .replaceAll(/\| ?-+ ?(?=\|)/g, '|---')
    .trim();
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })].sort();
/** Blocks of code may show what is made elsewhere. */
const prose = (page: string) => read(page).replaceAll(/^```[\s\S]*?^```/gm, '');
const anchorsOf = (page: string) =>
  [...prose(page).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each(pages)('%s', (page) => {
  const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  test('has no link that leads nowhere', () => {
    const dead = links
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path, anchor] = target.split('#') as [string, string?];
        const file = path === '' ? join(root, page) : join(root, dirname(page), path);
        if (!existsSync(file)) return true;
        return anchor !== undefined && !anchorsOf(relative(root, file)).includes(anchor);
      });
    expect(dead).toEqual([]);
  });

  test('names no file that is not there', () => {
    const named = [...prose(page).matchAll(/`((?:src|tests|scripts|docs|prisma|deploy)\/[\w./*-]*)[^`]*`/g)];
    const missing = named
      .map(([, path]) => path!.replace(/[.:]+$/, ''))
      .filter((path) =>
        path.includes('*') ? globSync(path, { cwd: root }).length === 0 : !existsSync(join(root, path)),
      );
    expect(missing).toEqual([]);
  });
});

test('the table of settings is the one of the code (scripts/settings-table.ts --write makes it)', () => {
  const [, table] = /<!-- settings:begin -->\n([\s\S]*?)\n<!-- settings:end -->/.exec(read('docs/operations.md'))!;
  expect(flat(table!)).toBe(flat(settingsTable()));
});

test('the table of limits is the one of the code (scripts/limits-table.ts --write makes it)', () => {
  const [, table] = /<!-- limits:begin -->\n([\s\S]*?)\n<!-- limits:end -->/.exec(read('docs/sign-in.md'))!;
  expect(flat(table!)).toBe(flat(limitsTable(routes)));
});

test('the picture and the table of the lifecycle show exactly its transitions', () => {
  const page = read('docs/lifecycle.md');
  const drawn = [...page.matchAll(/^ {4}(\w+) --> (\w+): (\w+)$/gm)].map(
    ([, from, to, name]) => `${name} ${from} ${to}`,
  );
  const listed = [...flat(page).matchAll(/^\| `(\w+)` \| ([^|]+) \| `(\w+)` \|/gm)].flatMap(([, name, from, to]) =>
    from!.match(/\w+/g)!.map((state) => `${name} ${state} ${to}`),
  );
  const allowed = Object.entries(transitions).flatMap(([name, { from, to }]) =>
    from.map((state) => `${name} ${state} ${to}`),
  );
  expect(drawn.sort()).toEqual(allowed.sort());
  expect(listed.sort()).toEqual(allowed.sort());
});

test('every secret that docker-compose.yml asks for is made by deploy/make-secrets', () => {
  const asked = [...read('docker-compose.yml').matchAll(/file: \.\/secrets\/(\w+)$/gm)].map(([, name]) => name!);
  const made = [...read('deploy/make-secrets').matchAll(/^(?:make|write) (\w+)/gm)].map(([, name]) => name!);
  expect(asked.length).toBeGreaterThan(0);
  expect(made.sort()).toEqual(asked.sort());
});

const toJson = 'import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)';
const yaml = spawnSync('python3', ['-c', toJson, join(root, 'docker-compose.yml')], { encoding: 'utf8' });
const cannotParse = yaml.error !== undefined || /No module named/.test(yaml.stderr);

test.skipIf(cannotParse)('docker-compose.yml parses, uses only what it declares, and holds every service down', () => {
  expect(yaml.stderr).toBe('');
  const { services, ...declared } = JSON.parse(yaml.stdout);
  for (const [name, service] of Object.entries<Record<string, string[]>>(services)) {
    for (const kind of ['secrets', 'networks'])
      for (const used of service[kind] ?? []) expect(Object.keys(declared[kind]), name).toContain(used);
    for (const volume of (service.volumes ?? []) as (string | { source: string })[]) {
      const source = typeof volume === 'string' ? volume.split(':')[0]! : volume.source;
      expect(source.startsWith('./') || source in declared.volumes, `${name}: ${source}`).toBe(true);
    }
    expect(service, name).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  }
});

test('docker-compose.yml sets nothing that is not a setting', () => {
  const known = Object.keys(settings).flatMap((name) => [name, `${name}_FILE`]);
  const set = [...read('docker-compose.yml').matchAll(/^ {2,8}([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name!);
  const foreign = set.filter((name) => !/^(POSTGRES|MP)_/.test(name));
  expect(foreign.filter((name) => !known.includes(name))).toEqual([]);
});
