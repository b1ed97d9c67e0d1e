import { NoteMalformed, splitCheckpoint, splitKey, splitNote } from '../../audit/note-form.ts';
import { fromBase64, hashBytes, isSame, type Octets, sha256, utf8 } from './hashing.ts';

/** What the log says of itself: how many entries, and the root of their tree. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Octets;
}

/** A key that signs notes: the log's own, or a witness's, which signs its time along. */
export interface NoteKey {
  readonly name: string;
  readonly isWitness: boolean;
  /** Four octets that hint at the key. */
  readonly hint: Octets;
  readonly key: Awaited<ReturnType<typeof crypto.subtle.importKey>>;
}

const ed25519 = 1;
const cosignature = 4;

/** The key in a line `name+hash+base64(type ‖ key)`, C2SP signed-note. @throws NoteMalformed. */
export async function readKey(line: string): Promise<NoteKey> {
  const { name, hint, encoded } = splitKey(line.trim(), 'a verifier key is name+hash+key');
  const octets = fromBase64(encoded);
  const type = octets?.[0];
  if (octets?.length !== 33 || (type !== ed25519 && type !== cosignature))
    throw new NoteMalformed('a verifier key of another kind than Ed25519');
  const digest = (await sha256(joined(utf8(`${name}\n`), octets))).subarray(0, 4);
  if (
    !Array.from(digest, (octet) => octet.toString(16).padStart(2, '0'))
      .join('')
      .startsWith(hint)
  )
    throw new NoteMalformed('the hash of the verifier key does not fit');
  const key = await crypto.subtle.importKey('raw', octets.slice(1), { name: 'Ed25519' }, false, ['verify']);
  return { name, isWitness: type === cosignature, hint: digest, key };
}

/** What a note says, whoever signed it. @throws NoteMalformed. */
export function readCheckpoint(note: string): Checkpoint {
  const { origin, size, root } = splitCheckpoint(splitNote(note).text);
  const octets = fromBase64(root);
  if (octets?.length !== hashBytes) throw new NoteMalformed('the root of a checkpoint is 32 octets');
  return { origin, size, root: octets };
}

/** Whether this key of the log signed the note, which speaks of its own log. @throws NoteMalformed. */
export async function isSignedBy(note: string, key: NoteKey): Promise<boolean> {
  const { text, signature } = signatureOf(note, key);
  return (
    !key.isWitness &&
    readCheckpoint(note).origin === key.name &&
    signature?.length === 64 &&
    (await crypto.subtle.verify({ name: 'Ed25519' }, key.key, signature, utf8(text)))
  );
}

/** When a witness signed the note; null: it did not. C2SP tlog-cosignature. @throws NoteMalformed. */
export async function witnessedAt(note: string, key: NoteKey): Promise<Date | null> {
  const { text, signature } = signatureOf(note, key);
  if (!key.isWitness || signature?.length !== 72) return null;
  const seconds = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  const signed = utf8(`cosignature/v1\ntime ${seconds}\n${text}`);
  const isValid = await crypto.subtle.verify({ name: 'Ed25519' }, key.key, signature.slice(8), signed);
  return isValid ? new Date(Number(seconds) * 1000) : null;
}

function signatureOf(note: string, { name, hint }: NoteKey) {
  const { text, signatures } = splitNote(note);
  const found = signatures
    .filter((one) => one.name === name)
    .map(({ encoded }) => fromBase64(encoded))
    .find((octets) => octets !== null && isSame(octets.slice(0, 4), hint));
  return { text, signature: found?.slice(4) };
}

function joined(one: Octets, other: Octets): Octets {
  const octets = new Uint8Array(one.length + other.length);
  octets.set(one);
  octets.set(other, one.length);
  return octets;
}
