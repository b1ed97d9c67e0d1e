import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatLine } from '../../../src/audit/export-format.ts';
import { leafHash } from '../../../src/audit/merkle.ts';
import { keyOf, TestLog, testSigner } from '../../support/log.ts';

const root = join(import.meta.dirname, '../../..');
const signer = testSigner();
const log = TestLog.of(300, signer);
let folder: string;
/** The verifier and what it imports, away from everything else: no package, no server. */
let alone: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'emanet-verifier-'));
  alone = join(folder, 'alone');
  mkdirSync(alone);
  for (const part of ['audit', 'verifier']) cpSync(join(root, 'src', part), join(alone, part), { recursive: true });
  writeFileSync(join(alone, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'log.jsonl'), log.exportAll([100, 200]).map(formatLine).join(''));
  writeFileSync(join(folder, 'kept.txt'), log.note(150));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function verify(args: readonly string[], from = alone, env: Record<string, string> = { LANG: 'en_GB.UTF-8' }) {
  const run = spawnSync(process.execPath, [join(from, 'verifier/main.ts'), ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  return { code: run.status, out: run.stdout, err: run.stderr };
}

test('runs from a folder that holds only itself and audit/', () => {
  const { code, out, err } = verify(['log.jsonl', '--key', keyOf(signer), '--checkpoint', 'kept.txt']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('Intact: all 300 entries');
});

test('answers as JSON, with a sentence for each fault', () => {
  const lines = readFileSync(join(folder, 'log.jsonl'), 'utf8');
  writeFileSync(join(folder, 'changed.jsonl'), lines.replace('\\"id\\":\\"e7\\"', '\\"id\\":\\"x7\\"'));
  const { code, out } = verify(['changed.jsonl', '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    intact: false,
    isKeyKnown: false,
    faults: [{ fault: 'CHANGED', seq: 7, sentence: 'entry 7: what it says was changed' }],
  });
});

test('speaks Turkish', () => {
  const { out } = verify(['log.jsonl'], alone, { LANG: 'tr_TR.UTF-8' });
  expect(out).toContain('Sağlam: günlüğün 300 kaydının tamamı.');
});

test.each([
  ['no file', []],
  ['a file that is not there', ['nowhere.jsonl']],
  ['two files', ['log.jsonl', 'log.jsonl']],
  ['an option that is none', ['log.jsonl', '--force']],
  ['a key that is none', ['log.jsonl', '--key', 'a+b']],
  ['a checkpoint that is none', ['log.jsonl', '--checkpoint', 'log.jsonl']],
  ['something else', ['alone/package.json']],
])('with %s it could not be checked: 2, and one line why', (_, args) => {
  const { code, err } = verify(args);
  expect(code).toBe(2);
  expect(err).toMatch(/^Could not be checked: .+\.\n$/);
});

test('a checkpoint that the given key did not sign is no use', () => {
  writeFileSync(join(folder, 'foreign.txt'), TestLog.of(5, testSigner()).note());
  expect(verify(['log.jsonl', '--key', keyOf(signer), '--checkpoint', 'foreign.txt'])).toMatchObject({ code: 2 });
});

test('imports nothing but itself, audit/ and node:', () => {
  for (const part of ['audit', 'verifier'])
    for (const name of readdirSync(join(root, 'src', part))) {
      const source = readFileSync(join(root, 'src', part, name), 'utf8');
      for (const [line, from] of source.matchAll(/^import .*from '(.+)';$|^} from '(.+)';$/gm)) {
        const isType = line.startsWith('import type');
        expect(from ?? '').toMatch(isType ? /./ : /^$|^node:|^\.\/|^\.\.\/audit\//);
      }
    }
});

/** Each check is broken on purpose, in a copy: what was said before must then not be said any more. */
describe('every check of the verifier is needed', () => {
  type Lines = Record<string, unknown>[];
  const of = (lines: Lines, seq: number) => lines.findIndex((line) => line.seq === seq);
  const set = (seq: number, by: object) => (lines: Lines) => {
    const at = of(lines, seq);
    return lines.with(at, { ...lines[at], ...by });
  };
  const respelled = `${log.texts[6]} `;
  const other = new TestLog(log.texts.with(4, '{"action":"forged"}'), signer);
  const stranger = new TestLog(log.texts, testSigner('stranger.example/log'));
  const parsed = (lines: readonly object[]) => lines as Lines;
  const all = () => parsed(log.exportAll([100, 200]));
  const some = () => parsed(log.exportSome([7, 9, 250], [100]));
  const within = (note: string) => (lines: Lines) =>
    lines.map((line) => ('checkpoint' in line && !('format' in line) ? { ...line, checkpoint: note } : line));
  const leafOf = (text: string) => leafHash(text).toString('base64');
  const kept = (one: TestLog, size?: number) => one.note(size);

  const mutants: [what: string, from: string, to: string, forged: () => Lines, known?: string][] = [
    ['canonical form', 'if (!isCanonicalJson(canonical))', 'if (false)', () => set(7, { canonical: respelled })(all())],
    [
      'leaf hash',
      'const isChanged = !computed.equals(stated);',
      'const isChanged = false;',
      () => set(7, { canonical: '{}' })(all()),
    ],
    [
      'one way to write octets',
      "octets.toString('base64') === text ? octets : Buffer.alloc(0)",
      'octets',
      () => set(7, { leaf: `${leafOf(log.texts[6]!)}=` })(all()),
    ],
    ['order', 'if (seq !== this.#lastSeq + 1) {', 'if (false) {', () => all().toSpliced(of(all(), 9), 1)],
    [
      'root',
      'if (this.#edge.root().equals(checkpoint.root))',
      'if (true)',
      () => set(7, { canonical: '{}', leaf: leafOf('{}') })(all()),
    ],
    [
      'end of the file',
      "if (this.#end === null) yield { line, fault: 'NO_END' };",
      'if (this.#end === null);',
      () => all().slice(0, -1),
    ],
    ['count', 'else if (this.#end !== this.#entries)', 'else if (false)', () => all().with(-1, { end: 299 })],
    ['whole', 'if (this.#lastSeq < size)', 'if (false)', () => [...all().slice(0, 50), { end: 49 }]],
    ['after the end', ' || this.#end !== null', '', () => [...all(), { end: 300 }]],
    ['signature', 'if (this.#signatureFault) yield', 'if (false) yield', () => parsed(stranger.exportAll())],
    [
      'signature within',
      'if (!isSigned) yield',
      'if (false) yield',
      () => within(new TestLog(log.texts.slice(0, 100), testSigner()).note())(some()),
    ],
    [
      'place of a checkpoint',
      'if (checkpoint.size !== this.#lastSeq) yield',
      'if (false) yield',
      () => within(log.note(99))(all()),
    ],
    [
      'consistency',
      'if (!isConsistent(claim, (proof ?? []).map(toHash)))',
      'if (false)',
      () => within(other.note(100))(some()),
    ],
    [
      'inclusion',
      '!this.#includes(seq, computed, proof)',
      'false',
      () => set(9, { canonical: '{}', leaf: leafOf('{}') })(some()),
    ],
    ['proof', 'if (proof === undefined) yield', 'if (false) yield', () => set(9, { proof: undefined })(some())],
    [
      'order of some',
      'if (seq <= this.#lastSeq) yield',
      'if (false) yield',
      () => some().with(1, some()[2]!).with(2, some()[1]!),
    ],
    [
      'known log',
      'if (checkpoint.origin !== origin) yield',
      'if (false) yield',
      all,
      kept(TestLog.of(400, testSigner('b.example'))),
    ],
    [
      'known size',
      'else if (checkpoint.size > size) yield',
      'else if (false) yield',
      all,
      kept(TestLog.of(301, signer)),
    ],
    ['known head', 'if (!checkpoint.root.equals(this.#checkpoint.root)) yield', 'if (false) yield', all, kept(other)],
    ['known state', 'if (checkpoint.size === this.#edge.size) yield*', 'if (false) yield*', all, kept(other, 150)],
    [
      'known state of some',
      'if (!known.root.equals(checkpoint.root)) yield',
      'if (false) yield',
      some,
      kept(other, 100),
    ],
  ];
  test.each(mutants)('%s', (what, from, to, forged, known) => {
    const name = what.replaceAll(' ', '-');
    const file = join(folder, `${name}.jsonl`);
    writeFileSync(
      file,
      forged()
        .map((line) => `${JSON.stringify(line)}\n`)
        .join(''),
    );
    const args = [file, '--json'];
    if (known === undefined) args.push('--key', keyOf(signer));
    else {
      writeFileSync(join(folder, `${name}.txt`), known);
      args.push('--checkpoint', `${name}.txt`);
    }
    const before = verify(args);
    expect(before).toMatchObject({ code: 1, err: '' });
    const copy = join(folder, name);
    cpSync(alone, copy, { recursive: true });
    const path = join(copy, 'audit/verify-export.ts');
    const source = readFileSync(path, 'utf8');
    expect(source.split(from)).toHaveLength(2);
    writeFileSync(path, source.replace(from, to));
    expect(verify(args, copy).out).not.toBe(before.out);
  });
});
