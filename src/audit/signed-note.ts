import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { assertText, NoteMalformed, type SignatureLine, splitKey, splitNote } from './note-form.ts';

/**
 * C2SP `signed-note`: a text that ends with a line feed, an empty line, and one line per signature. Ed25519 only (type
 * 0x01), and for witnesses `cosignature/v1` (type 0x04), whose signature holds its time.
 */
const algorithms = { ed25519: 1, cosignature: 4 } as const;
export type NoteAlgorithm = keyof typeof algorithms;

export interface NoteVerifier {
  readonly name: string;
  readonly algorithm: NoteAlgorithm;
  /** Four octets that hint at the key. */
  readonly keyHash: Buffer;
  readonly publicKey: KeyObject;
}

export interface NoteSigner {
  readonly name: string;
  /** An Ed25519 private key. */
  readonly privateKey: KeyObject;
}

export interface NoteSignature {
  readonly name: string;
  readonly keyHash: Buffer;
  readonly signature: Buffer;
}

export interface OpenedNote {
  /** The signed text, with its last line feed. */
  readonly text: string;
  /** Signatures by known keys; each of them is valid. `at`: the time that a witness states. */
  readonly verified: readonly { readonly verifier: NoteVerifier; readonly at: Date | null }[];
  /** Signatures by unknown keys: they prove nothing. */
  readonly unknown: readonly NoteSignature[];
}

/** A signature that claims to be by a known key but is not. */
export class NoteForged extends Error {
  override readonly name = 'NoteForged';
}

/** Signs with Ed25519. @throws NoteMalformed if `text` or a name cannot stand in a note. */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  assertText(text);
  const lines = signers.map(({ name, privateKey }) => {
    const hash = keyHash(assertName(name), 'ed25519', rawPublicKey(privateKey));
    return signatureLine(name, hash, sign(null, Buffer.from(text, 'utf8'), privateKey));
  });
  return `${text}\n${lines.join('')}`;
}

/** The note with one more signature line, as a witness gives it. */
export function addSignature(note: string, { name, keyHash, signature }: NoteSignature): string {
  return note + signatureLine(assertName(name), keyHash, signature);
}

/** Text and signatures, unverified. @throws NoteMalformed. */
export function parseNote(note: string): { text: string; signatures: NoteSignature[] } {
  const { text, signatures } = splitNote(note);
  return { text, signatures: signatures.map(toSignature) };
}

/** @throws NoteMalformed. @throws NoteForged if a signature of a known key is wrong. */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): OpenedNote {
  const { text, signatures } = parseNote(note);
  const verified: { verifier: NoteVerifier; at: Date | null }[] = [];
  const unknown: NoteSignature[] = [];
  for (const one of signatures) {
    const verifier = verifiers.find(({ name, keyHash }) => name === one.name && keyHash.equals(one.keyHash));
    if (!verifier) unknown.push(one);
    else if (verified.some((before) => before.verifier === verifier)) throw new NoteMalformed('a key signs twice');
    else verified.push({ verifier, at: verifySignature(text, one, verifier) });
  }
  return { text, verified, unknown };
}

/** The name, key hash and key of a signer in one line: `name+hash+base64(type ‖ key)`. */
export function encodeVerifierKey(
  name: string,
  key: KeyObject | Uint8Array,
  algorithm: NoteAlgorithm = 'ed25519',
): string {
  const raw = key instanceof Uint8Array ? Buffer.from(key) : rawPublicKey(key);
  const encoded = Buffer.concat([Buffer.of(algorithms[algorithm]), raw]).toString('base64');
  return `${assertName(name)}+${keyHash(name, algorithm, raw).toString('hex')}+${encoded}`;
}

/** @throws NoteMalformed for a line that is not a verifier key of a known kind. */
export function parseVerifierKey(line: string): NoteVerifier {
  const { name, hint, octets } = parseKey(line.trim(), 'a verifier key is name+hash+key');
  const algorithm = (Object.keys(algorithms) as NoteAlgorithm[]).find((one) => algorithms[one] === octets[0]);
  const raw = octets.subarray(1);
  if (!algorithm || raw.length !== 32) throw new NoteMalformed('a verifier key of another kind than Ed25519');
  const hash = keyHash(name, algorithm, raw);
  if (hash.toString('hex') !== hint) throw new NoteMalformed('the hash of the verifier key does not fit');
  return { name, algorithm, keyHash: hash, publicKey: publicKeyOf(raw) };
}

function parseKey(text: string, form: string): { name: string; hint: string; octets: Buffer } {
  const { name, hint, encoded } = splitKey(text, form);
  return { name, hint, octets: decodeBase64(encoded) };
}

const signerPrefix = 'PRIVATE+KEY+';
/** Prefix of the 32 octets of an Ed25519 private key in PKCS #8. RFC 8410, 7. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The private half in one line, as other tools for notes write it: `PRIVATE+KEY+name+hash+base64(1 ‖ key)`. A secret.
 */
export function encodeSignerKey({ name, privateKey }: NoteSigner): string {
  const { d } = privateKey.export({ format: 'jwk' });
  if (d === undefined) throw new TypeError('a private key of Ed25519 expected');
  const raw = Buffer.from(d, 'base64url');
  const [, hint] = encodeVerifierKey(name, privateKey).split('+');
  return `${signerPrefix}${name}+${hint}+${Buffer.concat([Buffer.of(algorithms.ed25519), raw]).toString('base64')}`;
}

/** @throws NoteMalformed, which never holds the key. */
export function parseSignerKey(line: string): NoteSigner {
  const text = line.trim();
  const form = 'a signer key is PRIVATE+KEY+name+hash+key';
  if (!text.startsWith(signerPrefix)) throw new NoteMalformed(form);
  const { name, hint, octets } = parseKey(text.slice(signerPrefix.length), form);
  if (octets[0] !== algorithms.ed25519 || octets.length !== 33)
    throw new NoteMalformed('a signer key of another kind than Ed25519');
  const key = Buffer.concat([pkcs8Prefix, octets.subarray(1)]);
  const signer = { name, privateKey: createPrivateKey({ key, format: 'der', type: 'pkcs8' }) };
  if (parseVerifierKey(encodeVerifierKey(signer.name, signer.privateKey)).keyHash.toString('hex') !== hint)
    throw new NoteMalformed('the hash of the signer key does not fit');
  return signer;
}

function verifySignature(text: string, { signature }: NoteSignature, verifier: NoteVerifier): Date | null {
  const forged = () => new NoteForged(`the signature of ${verifier.name} is not by its key, or not over this text`);
  if (verifier.algorithm === 'ed25519') {
    if (signature.length !== 64 || !verify(null, Buffer.from(text, 'utf8'), verifier.publicKey, signature))
      throw forged();
    return null;
  }
  if (signature.length !== 72) throw forged();
  const seconds = signature.readBigUInt64BE(0);
  const signed = Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`, 'utf8');
  if (!verify(null, signed, verifier.publicKey, signature.subarray(8))) throw forged();
  return new Date(Number(seconds) * 1000);
}

function toSignature({ name, encoded }: SignatureLine): NoteSignature {
  const octets = decodeBase64(encoded);
  if (octets.length < 5) throw new NoteMalformed('a signature that is too short');
  return { name, keyHash: octets.subarray(0, 4), signature: octets.subarray(4) };
}

function signatureLine(name: string, hash: Uint8Array, signature: Uint8Array): string {
  return `— ${name} ${Buffer.concat([hash, signature]).toString('base64')}\n`;
}

function keyHash(name: string, algorithm: NoteAlgorithm, raw: Uint8Array): Buffer {
  const octets = Buffer.concat([Buffer.from(`${name}\n`, 'utf8'), Buffer.of(algorithms[algorithm]), raw]);
  return createHash('sha256').update(octets).digest().subarray(0, 4);
}

function assertName(name: string): string {
  if (!/^[^\s+]+$/.test(name) || !name.isWellFormed()) throw new NoteMalformed('a name has neither spaces nor plus');
  return name;
}

/** Strict: one text for one value. */
export function decodeBase64(text: string): Buffer {
  const octets = Buffer.from(text, 'base64');
  if (octets.toString('base64') !== text) throw new NoteMalformed('not base64');
  return octets;
}

/** Prefix of the 32 octets of an Ed25519 public key in SubjectPublicKeyInfo. RFC 8410, 4. */
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');

function publicKeyOf(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' });
}

/** The 32 octets of the public half. */
function rawPublicKey(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('a key of Ed25519 expected');
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return half.export({ format: 'der', type: 'spki' }).subarray(spkiPrefix.length);
}
