import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { openCheckpoint, readCheckpoint, signCheckpoint } from '../../../src/audit/checkpoint.ts';
import { emptyRoot, leafHash } from '../../../src/audit/merkle.ts';
import { NoteMalformed } from '../../../src/audit/note-form.ts';
import {
  addSignature,
  encodeSignerKey,
  encodeVerifierKey,
  NoteForged,
  openNote,
  parseNote,
  parseSignerKey,
  parseVerifierKey,
  signNote,
} from '../../../src/audit/signed-note.ts';

// Key and note of the reference implementation (golang.org/x/mod/sumdb/note, its documentation). Not a secret.
const signerKey = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const verifierKey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const text = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.
`;
const note = `${text}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;
const signer = parseSignerKey(signerKey);
const { privateKey } = signer;
const other = generateKeyPairSync('ed25519');
const verifier = parseVerifierKey(verifierKey);

describe('the published note', () => {
  test('opens', () => {
    expect(openNote(note, [verifier])).toEqual({ text, verified: [{ verifier, at: null }], unknown: [] });
  });
  test('is signed the same here, bit for bit', () => {
    expect(signNote(text, [signer])).toBe(note);
    expect(encodeSignerKey(signer)).toBe(signerKey);
    expect(encodeVerifierKey('PeterNeumann', privateKey)).toBe(verifierKey);
  });
  test.each([
    ['another text', note.replace('problem', 'pr0blem')],
    ['another signature', note.replace('NIuGUg', 'NIuGUh')],
  ])('is forged with %s', (_, forged) => expect(() => openNote(forged, [verifier])).toThrow(NoteForged));
  test('says nothing to whoever does not know the key', () => {
    const opened = openNote(note, []);
    expect(opened.verified).toEqual([]);
    expect(opened.unknown.map(({ name }) => name)).toEqual(['PeterNeumann']);
  });
  test('under a key of the same name and another hash is unknown, not good', () => {
    const stranger = parseVerifierKey(encodeVerifierKey('PeterNeumann', other.publicKey));
    expect(openNote(note, [stranger])).toMatchObject({ verified: [], unknown: [{ name: 'PeterNeumann' }] });
  });
});

const line = note.split('\n').at(-2)!;
test.each([
  ['', 'empty'],
  [text, 'no signature'],
  [`${text}\n`, 'an empty list of signatures'],
  [note.slice(0, -1), 'no line feed at the end'],
  [note.replace('— ', '- '), 'another dash'],
  [note.replace('x08go/ZJ', 'x08go/Z'), 'bad base64'],
  [note.replace('JnAM=', 'JnAN='), 'base64 with bits that do not count'],
  [note.replace('— PeterNeumann', '— Peter Neumann'), 'a space in the name'],
  [note.replace('— PeterNeumann', '— Peter+Neumann'), 'a plus in the name'],
  [note.replace('\n\n', '\n'), 'no empty line'],
  [note.replace('If', 'If\t'), 'a control character'],
  [`${note}${line}\n`, 'one key twice'],
  [`${text}\n${`${line}\n`.repeat(101)}`, 'too many signatures'],
])('a note is refused: %#', (broken) => {
  expect(() => openNote(broken, [verifier])).toThrow(NoteMalformed);
});

test.each([
  'PeterNeumann',
  verifierKey.replace('c74f20a3', 'c74f20a4'),
  verifierKey.replace('+ARpc', '+ARpd'),
  verifierKey.replace('Peter', 'Petra'),
  verifierKey.replace('+ARpc', '+Ahpc'),
  `${verifierKey}AAAA`,
])('%s is no verifier key', (key) => expect(() => parseVerifierKey(key)).toThrow(NoteMalformed));

test.each([
  'PRIVATE+KEY+',
  verifierKey,
  signerKey.replace('c74f20a3', 'c74f20a4'),
  signerKey.replace('+AYEK', '+AoEK'),
  signerKey.replace('+AYEK', '+AYEL'),
])('no signer key, and the error does not hold it: %#', (key) => {
  expect(() => parseSignerKey(key)).toThrow(NoteMalformed);
  expect(() => parseSignerKey(key)).not.toThrow(/EKFALVFG/);
});

test.each(['no line feed', 'a\u0000b\n', 'lone \ud800\n'])('%j cannot be signed', (bad) =>
  expect(() => signNote(bad, [{ name: 'x', privateKey }])).toThrow(NoteMalformed),
);

describe('a checkpoint', () => {
  const origin = 'school.example/emanet';
  const own = { name: origin, privateKey: other.privateKey };
  const log = [parseVerifierKey(encodeVerifierKey(origin, other.publicKey))];
  const checkpoint = { origin, size: 1, root: leafHash('a') };
  const signed = signCheckpoint(checkpoint, own);

  test('has three lines and one signature', () => {
    expect(signed.split('\n').slice(0, 4)).toEqual([origin, '1', checkpoint.root.toString('base64'), '']);
    expect(openCheckpoint(signed, { log })).toEqual({ ...checkpoint, witnesses: [] });
    expect(readCheckpoint(signed)).toEqual(checkpoint);
  });
  test('is refused when the log did not sign it', () => {
    expect(() => openCheckpoint(signed, { log: [] })).toThrow(NoteForged);
    expect(() => openCheckpoint(signed, { log: [verifier] })).toThrow(NoteForged);
  });
  test('is refused when a known key signed it that is not the log’s', () => {
    const byOther = signCheckpoint(checkpoint, signer);
    expect(() => openCheckpoint(byOther, { log: [verifier] })).toThrow(NoteForged);
  });
  test('carries what a witness adds, with its time, and is refused when that is not true', () => {
    const witness = generateKeyPairSync('ed25519');
    const name = 'witness.example';
    const known = parseVerifierKey(encodeVerifierKey(name, witness.publicKey, 'cosignature'));
    const seconds = 1_790_000_000;
    const head = signed.slice(0, signed.indexOf('\n\n') + 1);
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(seconds));
    const signature = Buffer.concat([
      time,
      sign(null, Buffer.from(`cosignature/v1\ntime ${seconds}\n${head}`), witness.privateKey),
    ]);
    const both = addSignature(signed, { name, keyHash: known.keyHash, signature });
    expect(openCheckpoint(both, { log, witnesses: [known] }).witnesses).toEqual([
      { name, at: new Date(seconds * 1000) },
    ]);
    expect(openCheckpoint(both, { log }).witnesses).toEqual([]);
    signature[7]! ^= 1;
    const forged = addSignature(signed, { name, keyHash: known.keyHash, signature });
    expect(() => openCheckpoint(forged, { log, witnesses: [known] })).toThrow(NoteForged);
  });
  test.each([
    ['a size with a sign', `${origin}\n+1\n${emptyRoot.toString('base64')}\n`],
    ['a size with a leading zero', `${origin}\n01\n${emptyRoot.toString('base64')}\n`],
    ['a size beyond safe integers', `${origin}\n9007199254740992\n${emptyRoot.toString('base64')}\n`],
    ['a short root', `${origin}\n1\nAAAA\n`],
    ['no root', `${origin}\n1\n`],
    ['no origin', `\n1\n${emptyRoot.toString('base64')}\n`],
  ])('is refused with %s', (_, body) => {
    const broken = signNote(body, [own]);
    expect(() => readCheckpoint(broken)).toThrow(NoteMalformed);
    expect(() => parseNote(broken)).not.toThrow();
  });
});
