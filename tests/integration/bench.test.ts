import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasMedia } from '../support/media.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, '../bench/vault.ts');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emanet-bench-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Whether the harness works, never how fast anything is. */
test('the benchmark measures every row and says so in a table and in JSON', async () => {
  const json = join(folder, 'report.json');
  const env = { ...process.env, S3_SERVERS: '', TMPDIR: folder };
  const { stdout } = await run(process.execPath, [script, '--quick', '--json', json], { env });
  const report = JSON.parse(await readFile(json, 'utf8'));
  expect(Object.keys(report)).toEqual(['machine', 'commit', 'rows']);
  expect(report.machine).toMatchObject({ node: process.version, cores: expect.any(Number) });
  expect(report.commit).toMatch(/^[0-9a-f]{40}( with changes)?$/);
  const letters = new Set(report.rows.map((row: { name: string }) => /^\((.)\)/.exec(row.name)?.[1]));
  expect([...letters]).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  for (const row of report.rows) {
    expect(Object.keys(row)).toEqual(['name', 'value', 'unit', 'peer', 'peerValue', 'ratio', 'bar', 'ok']);
    expect(row.value).toBeGreaterThan(0);
    expect(stdout).toContain(row.name);
  }
  expect(await readdir(folder)).toEqual(['report.json']);
});

test.skipIf(!hasMedia)('the stages from upload to playback are measured, with what the check is made of', async () => {
  const json = join(folder, 'stages.json');
  const detection = join(import.meta.dirname, '../bench/detection.ts');
  const env = { ...process.env, TMPDIR: folder };
  await run(process.execPath, [detection, '--rows', 'd', '--quick', '--json', json], { env });
  const { rows } = JSON.parse(await readFile(json, 'utf8')) as { rows: { name: string; value: number }[] };
  const figureOf = (name: RegExp) => rows.find((row) => name.test(row.name))?.value ?? 0;
  for (const stage of ['upload by form', 'check, ', 'review', 'rendition with', 'playback'])
    expect(figureOf(new RegExp(`^${stage}.*CPU$`)), stage).toBeGreaterThan(0);
  for (const part of ['ffmpeg', 'text reading', 'stills and parts'])
    expect(figureOf(new RegExp(`^check, CPU.*${part}`)), part).toBeGreaterThan(0);
  expect(figureOf(/^upload .* written to the store/)).toBeGreaterThan(0);
  expect(figureOf(/^playback .* read from the store/)).toBeGreaterThan(0);
});

test.each([
  [['--help'], 0],
  [['--rows', 'a,z'], 2],
  [['--runs', '0'], 2],
  [['--fast'], 2],
])('the benchmark ends with its exit code: %j', async (args, code) => {
  const { code: found } = await run(process.execPath, [script, ...args]).then(
    () => ({ code: 0 }),
    (error: { code: number }) => error,
  );
  expect(found).toBe(code);
});
