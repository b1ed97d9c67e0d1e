import { spawnSync } from 'node:child_process';
import {
  cpSync,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPapers } from '../../../src/adapters/papers/papers.ts';
import { canonicalJson } from '../../../src/audit/canonical-json.ts';
import { formatLine } from '../../../src/audit/export-format.ts';
import { leafHash } from '../../../src/audit/merkle.ts';
import { writeReceipt } from '../../../src/audit/receipt.ts';
import { entryOnLog, someEvidence, someTerms } from '../../support/evidence.ts';
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

test('can be published as a package of its own, which needs nothing else', () => {
  const packed = spawnSync(process.execPath, [join(root, 'scripts/pack-verifier.ts'), folder], { encoding: 'utf8' });
  expect(packed.stderr).toBe('');
  const tarball = packed.stdout.trim();
  mkdirSync(join(folder, 'installed'));
  expect(spawnSync('tar', ['xzf', tarball, '-C', join(folder, 'installed')]).status).toBe(0);
  const installed = join(folder, 'installed/package');
  const { dependencies, bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(dependencies).toBeUndefined();
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(installed, bin['emanet-verify']), ...args], {
      cwd: folder,
      env: { LANG: 'en' },
      encoding: 'utf8',
    });
  expect(run('log.jsonl', '--key', keyOf(signer))).toMatchObject({ status: 0, stderr: '' });
  writeFileSync(join(folder, 'short.jsonl'), readFileSync(join(folder, 'log.jsonl'), 'utf8').slice(0, -20));
  expect(run('short.jsonl').status).toBe(1);
});

describe('the receipt of an answer', () => {
  const terms = someTerms();
  const evidence = someEvidence(terms);
  const entry = entryOnLog(evidence, { signer });
  let text: string;
  beforeAll(async () => {
    text = await writeReceipt(evidence, terms, entry);
    writeFileSync(join(folder, 'receipt.json'), text);
    writeFileSync(join(folder, 'receipt-kept.txt'), entry.log.note());
  });
  const changed = (name: string, change: (receipt: Record<string, never>) => unknown) => {
    const receipt = JSON.parse(text);
    change(receipt);
    writeFileSync(join(folder, name), `${canonicalJson(receipt)}\n`);
    return name;
  };

  test('is intact, and it is said what that proves and what it does not', () => {
    const { code, out, err } = verify(['receipt.json', '--key', keyOf(signer), '--checkpoint', 'receipt-kept.txt']);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('Intact: every part of this receipt fits the others and the signed log.');
    expect(out).toContain('About: Ilgın Şahingöz (10/I)');
    expect(out).toContain('Signer: Gülçin Şahingöz (guardian)');
    expect(out).toContain('Answers: record: yes; keep: yes; show to the class: yes; show to families: no');
    expect(out).toMatch(/It proves:\n.*2026-02-03T17:05:31\.250Z.*2026-02-03T17:05:31\.300Z/);
    expect(out).toContain('entry 7 of 12');
    expect(out).toMatch(/It does not prove:\n {2}- that it was Gülçin Şahingöz who did it: the personal link/);
    expect(out).not.toContain('The file itself states the key');
    const alone = verify(['receipt.json']).out;
    expect(alone).toContain('The file itself states the key');
    // Anybody can sign with a key of their own: without the key of the school, it proves nothing by itself.
    expect(alone).toContain('If the key below is the key of the school, it proves:');
    expect(alone).not.toMatch(/^It proves:/m);
  });
  test('is told in Turkish', () => {
    const { code, out } = verify(['receipt.json'], alone, { LANG: 'tr_TR.UTF-8' });
    expect(code).toBe(0);
    expect(out).toContain('Sağlam: bu alındı belgesinin parçaları birbirine ve imzalı günlüğe uyuyor.');
    expect(out).toContain('Yanıtlar: kayıt: evet; saklama: evet; sınıfa gösterme: evet; ailelere gösterme: hayır');
    expect(out).toContain('Kanıtlamadığı:');
    expect(out).toContain('(Gülçin Şahingöz)');
  });
  test('is told as JSON', () => {
    const { code, out } = verify(['receipt.json', '--json', '--key', keyOf(signer)]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ intact: true, kind: 'receipt', isKeyKnown: true, seq: 7, evidence, terms });
  });
  test('was changed: 1, every fault with a sentence, and nothing of what it claims', () => {
    const file = changed('receipt-changed.json', (receipt) => {
      (receipt as { evidence?: { answers: { answer: string }[] } }).evidence!.answers[3]!.answer = 'yes';
    });
    const { code, out } = verify([file, '--key', keyOf(signer)]);
    expect(code).toBe(1);
    expect(out).toMatch(/^TAMPERED WITH:\n {2}the evidence of the signature is not the one on the log/);
    expect(out).not.toMatch(/proves|Answers/);
    const told = JSON.parse(verify([file, '--json']).out);
    expect(told.faults.map(({ fault }: { fault: string }) => fault)).toEqual(['EVIDENCE_CHANGED', 'CONSENT_CHANGED']);
    for (const { sentence } of told.faults) expect(sentence).toMatch(/^[^{}]+$/);
  });
  test('is half of one, is spelled in another way, or begins with a mark: 1', () => {
    writeFileSync(join(folder, 'receipt-half.json'), text.slice(0, text.length / 2));
    writeFileSync(join(folder, 'receipt-spelled.json'), JSON.stringify(JSON.parse(text), null, 2));
    writeFileSync(join(folder, 'receipt-mark.json'), `\ufeff${text}`);
    expect(verify(['receipt-half.json'])).toMatchObject({ code: 1, err: '' });
    expect(verify(['receipt-spelled.json']).out).toContain('not spelled as Emanet spells it');
    expect(verify(['receipt-mark.json'])).toMatchObject({ code: 1, err: '' });
    const { code, out } = verify(['receipt-half.json', '--json']);
    expect({ code, told: JSON.parse(out) }).toMatchObject({
      code: 1,
      told: { intact: false, faults: [{ fault: 'RECEIPT_BROKEN' }] },
    });
  });
  test('is of another version, or too long to be one: 2', () => {
    const file = changed('receipt-2.json', (receipt) => Object.assign(receipt, { v: 2 }));
    expect(verify([file])).toMatchObject({ code: 2, out: '' });
    expect(verify([file]).err).toMatch(
      /^Could not be checked: receipt-2.json is no receipt, or one of a later version\.\n$/,
    );
    writeFileSync(join(folder, 'receipt-long.json'), text + ' '.repeat(2 ** 20));
    expect(verify(['receipt-long.json'])).toMatchObject({ code: 2, out: '' });
  });
  test('is of another log, or another state of it than one that was kept', () => {
    expect(verify(['receipt.json', '--key', keyOf(testSigner())]).code).toBe(1);
    writeFileSync(join(folder, 'receipt-fork.txt'), TestLog.of(12, signer).note());
    const { code, out } = verify(['receipt.json', '--checkpoint', 'receipt-fork.txt']);
    expect(code).toBe(1);
    expect(out).toContain('the log has forked');
  });
  test('cannot move the cursor of the terminal or add lines to what is said', async () => {
    const name = 'Ada\u001b[2J\n  Answers: all\u202eyes';
    const evil = someEvidence(terms, { signer: { ...evidence.signer, name } });
    writeFileSync(join(folder, 'receipt-evil.json'), await writeReceipt(evil, terms, entryOnLog(evil, { signer })));
    const { code, out } = verify(['receipt-evil.json']);
    expect(code).toBe(0);
    expect(out).toContain('Signer: Ada�[2J�  Answers: all�yes (guardian)');
    expect(out).not.toMatch(/\u001b|\u202e/);
  });
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
    expect(verify(args, broken('audit/verify-export.ts', from, to)).out).not.toBe(before.out);
  });

  const base = TestLog.of(600, signer);
  const flip = (octets: Buffer) => {
    const changed = Buffer.from(octets);
    changed[5]! ^= 1;
    return changed;
  };
  /** A folder as published, changed; the checkpoint over 300 entries lies beside. */
  function tiles(change: (tiles: Map<string, Buffer>) => unknown, note = base.note(), beside = base.note(300)): string {
    const path = mkdtempSync(join(folder, 'tiles-'));
    const files = base.tiles();
    change(files);
    files.set('checkpoint', Buffer.from(note)).set('checkpoints/300', Buffer.from(beside));
    for (const [name, octets] of files) {
      mkdirSync(join(path, name, '..'), { recursive: true });
      writeFileSync(join(path, name), octets);
    }
    return path;
  }
  const flipped = (name: string) => tiles((files) => files.set(name, flip(files.get(name)!)));
  const forked = new TestLog(base.texts.with(4, '{"forged":true}'), signer);
  const tileMutants: [what: string, from: string, to: string, folder: () => string, known?: () => string][] = [
    [
      'tiles: a higher tile',
      'else if (!computed.equals(octets)) yield',
      'else if (false) yield',
      () => flipped('tile/1/000.p/2'),
    ],
    [
      'tiles: the tree',
      'if (!edge.root().equals(checkpoint.root)) yield',
      'if (false) yield',
      () => tiles(() => {}, base.note(), forked.note(300)),
    ],
    [
      'tiles: a signature',
      'if (!isSigned(note, known.keys)) yield',
      'if (false) yield',
      () => tiles(() => {}, base.note(), new TestLog(base.texts, testSigner()).note(300)),
    ],
    [
      'tiles: a higher one missing',
      "if (octets === null) yield { fault: 'TILE_MISSING', name: tilePath(tile) };\n  else",
      'if (octets === null) return;\n  else',
      () => tiles((files) => files.delete('tile/1/000.p/2')),
    ],
    [
      'tiles: one cut off',
      'if (octets.length !== tile.width * hashBytes) {',
      'if (false) {',
      () => tiles((files) => files.set('tile/0/001', files.get('tile/0/001')!.subarray(32))),
    ],
    [
      'tiles: the head set back',
      '// A newer one beside an older head: the head was set back.\n    else if (checkpoint.size > newest.size) yield',
      'else if (false) yield',
      () => tiles(() => {}, base.note(280)),
    ],
    [
      'tiles: a known log',
      'for (const checkpoint of known.checkpoints) {\n    if (checkpoint.origin !== newest.origin) yield',
      'for (const checkpoint of known.checkpoints) {\n    if (false) yield',
      () => tiles(() => {}),
      () => TestLog.of(5, testSigner('b.example')).note(),
    ],
    [
      'tiles: a known state',
      "expected.push({ checkpoint, fault: 'FORK' })",
      'void 0',
      () => tiles(() => {}),
      () => forked.note(400),
    ],
  ];
  test.each(tileMutants)('%s', (_, from, to, given, known) => {
    const args = [given(), '--json'];
    if (known === undefined) args.push('--key', keyOf(signer));
    else {
      writeFileSync(join(folder, 'known-of-tiles.txt'), known());
      writeFileSync(join(args[0]!, 'key'), keyOf(signer));
      args.push('--checkpoint', 'known-of-tiles.txt');
    }
    const before = verify(args);
    expect(before).toMatchObject({ code: 1, err: '' });
    expect(verify(args, broken('audit/verify-tiles.ts', from, to)).out).not.toBe(before.out);
  });

  const pack = (change?: Parameters<TestLog['pack']>[1]) => base.pack([3, 7, 20], change);
  const packMutants: [what: string, from: string, to: string, files: () => Record<string, string>][] = [
    [
      'pack: a file changed',
      'if ((await sha256Of(pack.read(name))) !== digest) yield',
      'if (false) yield',
      () => ({ ...pack(), 'record.json': '{ }' }),
    ],
    [
      'pack: a file missing',
      "if (!names.has(name)) yield { fault: 'FILE_MISSING', name };",
      'if (!names.has(name)) continue;',
      () => pack({ manifest: { files: { 'gone.txt': '' } } }),
    ],
    [
      'pack: a file put in',
      '!Object.hasOwn(manifest.files, name))\n      yield',
      'false)\n      yield',
      () => ({ ...pack(), 'more.txt': 'x' }),
    ],
    ['pack: vouched for', 'details?.manifest === manifestSha256', 'true', () => pack({ vouching: '0' })],
    [
      'pack: by an entry of its kind',
      "action === 'audit.pack_made' && ",
      '',
      () => pack({ own: { action: 'audit.read' } }),
    ],
    [
      'pack: all entries',
      'else if (count !== manifest.entries || leaves !== manifest.leaves) yield',
      'else if (false) yield',
      () => pack({ manifest: { leaves: '0' } }),
    ],
  ];
  test.each(packMutants)('%s', async (what, from, to, files) => {
    const file = join(folder, `${what.replaceAll(/\W/g, '-')}.zip`);
    const members = Object.entries(files()).map(([name, text]) => ({ name, octets: Buffer.from(text) }));
    await pipeline(createPapers().zip(members, new Date(0)), createWriteStream(file));
    const args = [file, '--json', '--key', keyOf(signer)];
    const before = verify(args);
    expect(before).toMatchObject({ code: 1, err: '' });
    expect(verify(args, broken('audit/evidence.ts', from, to)).out).not.toBe(before.out);
  });

  const terms = someTerms();
  const evidence = someEvidence(terms);
  const entry = entryOnLog(evidence, { signer });
  type ReceiptParts = { evidence: { more?: number }; terms: { more?: number }; consent: unknown[]; log: string[] };
  const put = (change: (receipt: ReceiptParts) => void) => async () => {
    const receipt: ReceiptParts = JSON.parse(await writeReceipt(evidence, terms, entry));
    change(receipt);
    return `${canonicalJson(receipt)}\n`;
  };
  const line = (at: number, from: RegExp, to: string) =>
    put(({ log }) => log.splice(at, 1, log[at]!.replace(from, to)));
  const receiptMutants: [what: string, from: string, to: string, made: () => Promise<string>][] = [
    [
      'one spelling',
      "if (!read.isOneForm) yield { fault: 'RESPELLED' };",
      '',
      async () => `${await writeReceipt(evidence, terms, entry)} `,
    ],
    [
      'evidence',
      "else if (told.evidence !== evidenceSha256) yield { fault: 'EVIDENCE_CHANGED' };",
      '',
      put((receipt) => Object.assign(receipt.evidence, { more: 1 })),
    ],
    [
      'terms',
      "if (sha256(canonicalJson(terms)) !== evidence.terms) yield { fault: 'TERMS_CHANGED' };",
      '',
      put((receipt) => Object.assign(receipt.terms, { more: 1 })),
    ],
    [
      'part for programs',
      "if (canonicalJson(toConsentRecords(evidence, terms)) !== canonicalJson(consent)) yield { fault: 'CONSENT_CHANGED' };",
      '',
      put((receipt) => receipt.consent.pop()),
    ],
    [
      'proof and checkpoint',
      'const fault = toReceiptFault',
      'continue; const fault = toReceiptFault',
      line(1, /"seq":7/, '"seq":6'),
    ],
    [
      'one form of the key',
      'if (keyLine(parseVerifierKey(head.key)) !== head.key)',
      'if (false)',
      line(0, /("key":"[^"]+)"/, '$1 "'),
    ],
  ];
  test.each(receiptMutants)('receipt: %s', async (what, from, to, made) => {
    const file = join(folder, `mutant-${what.replaceAll(/\W/g, '-')}.json`);
    writeFileSync(file, await made());
    const before = verify([file, '--json']);
    expect(before).toMatchObject({ code: 1, err: '' });
    expect(verify([file, '--json'], broken('audit/receipt.ts', from, to)).code).toBe(0);
  });

  /** The verifier with one line of it replaced. */
  function broken(file: string, from: string, to: string): string {
    const copy = mkdtempSync(join(folder, 'broken-'));
    cpSync(alone, copy, { recursive: true });
    const path = join(copy, file);
    const source = readFileSync(path, 'utf8');
    expect(source.split(from)).toHaveLength(2);
    writeFileSync(path, source.replace(from, to));
    return copy;
  }
});
