import { decryptSessionKeys, encryptSessionKey, readMessage } from 'openpgp';
import { type Suite, saltBytes, suiteOctets, vaultSuite } from './chunk-cipher.ts';
import { KeyRefused, VaultCorrupt } from './errors.ts';
import type { OpeningKey, RecipientKey } from './keyring.ts';
import {
  definiteLength,
  gibPartExponent,
  maxDefiniteBytes,
  packetTag,
  partialLength,
  readDefiniteLength,
  seipdHeaderBytes,
} from './packet.ts';
import { unwrapWithX25519, wrapForX25519 } from './x25519-pkesk.ts';

/**
 * The key envelope: one PKESK (version 6) per recipient, then the opening of a SEIPD (version 2) packet up to and
 * including the salt. Envelope ‖ body is an OpenPGP message; over 4 GiB, `exportMessage` makes it one.
 */

/** Contents of an opened envelope. The caller overwrites `sessionKey` when done. */
export interface OpenedEnvelope {
  readonly sessionKey: Uint8Array;
  readonly salt: Uint8Array;
  readonly chunkOctet: number;
}

/** Wraps a session key for every recipient, in their order. RFC 9580, 5.1.2. */
export async function wrapSessionKey(sessionKey: Uint8Array, recipients: readonly RecipientKey[]): Promise<Uint8Array> {
  if (recipients.length === 0) throw new RangeError('an envelope needs a recipient');
  const now = Date.now();
  const fast = recipients.flatMap(({ x25519 }) => (x25519 !== null && x25519.until > now ? [x25519] : []));
  if (fast.length === recipients.length) return Buffer.concat(fast.map((one) => wrapForX25519(sessionKey, one)));
  return encryptSessionKey({
    data: sessionKey,
    algorithm: 'aes256',
    aeadAlgorithm: 'gcm',
    encryptionKeys: recipients.map((recipient) => recipient.key),
    format: 'binary',
  });
}

/**
 * Puts an envelope together. Its length octets count the body, so it is made when the body is finished.
 * A body too long for a definite length gets the octet of a first 1 GiB part instead, and only `exportMessage`,
 * which inserts the octets of the parts that follow, turns envelope and body into one file.
 */
export function makeEnvelope(parts: {
  wrappedKeys: Uint8Array;
  salt: Uint8Array;
  chunkOctet: number;
  bodyBytes: number;
}): Uint8Array {
  const packetBytes = seipdHeaderBytes + parts.bodyBytes;
  const length =
    packetBytes <= maxDefiniteBytes ? definiteLength(packetBytes) : Uint8Array.of(partialLength(gibPartExponent));
  const suite = suiteOctets(vaultSuite(parts.chunkOctet));
  const [tag, fields] = [suite.subarray(0, 1), suite.subarray(1)];
  return Buffer.concat([parts.wrappedKeys, tag, length, fields, parts.salt]);
}

/**
 * Takes the session key out of an envelope. The envelope is attacker-controlled: anybody with the public key can make
 * one, so success does not prove who did. The binding to a sealed record is checked in `open.ts`.
 * @throws VaultCorrupt `ENVELOPE`.
 * @throws KeyRefused `NOT_A_RECIPIENT`.
 */
export async function openEnvelope(envelope: Uint8Array, keys: readonly OpeningKey[]): Promise<OpenedEnvelope> {
  const { wrappedKeys, salt, suite } = parseEnvelope(envelope);
  return { sessionKey: await unwrapSessionKey(wrappedKeys, keys), salt, chunkOctet: suite.chunkOctet };
}

/**
 * The same session key for other recipients: changes who can open in future. This is no revocation, since a person who
 * opened the old envelope has the session key.
 */
export async function rewrapEnvelope(
  envelope: Uint8Array,
  keys: readonly OpeningKey[],
  recipients: readonly RecipientKey[],
): Promise<Uint8Array> {
  const { wrappedKeys } = parseEnvelope(envelope);
  return Buffer.concat([await rewrapKeys(wrappedKeys, keys, recipients), envelope.subarray(wrappedKeys.length)]);
}

/** As `rewrapEnvelope`, for wrapped keys that no packet follows. @throws as `openEnvelope`. */
export async function rewrapKeys(
  wrappedKeys: Uint8Array,
  keys: readonly OpeningKey[],
  recipients: readonly RecipientKey[],
): Promise<Uint8Array> {
  const sessionKey = await unwrapSessionKey(wrappedKeys, keys);
  try {
    return await wrapSessionKey(sessionKey, recipients);
  } finally {
    sessionKey.fill(0);
  }
}

/**
 * Envelope and body as one OpenPGP message that any RFC 9580 software reads. Over 4 GiB the SEIPD packet is cut into
 * parts of 1 GiB, each announced by one octet, and a last one of definite length.
 * @throws VaultCorrupt `ENVELOPE`, or `LENGTH` if the body has another size than `bodyBytes`.
 */
export async function* exportMessage(
  envelope: Uint8Array,
  body: AsyncIterable<Uint8Array>,
  bodyBytes: number,
): AsyncGenerator<Uint8Array> {
  const { packetBytes } = parseEnvelope(envelope);
  const total = seipdHeaderBytes + bodyBytes;
  const isCut = total > maxDefiniteBytes;
  if (packetBytes !== (isCut ? null : total)) {
    throw new VaultCorrupt('LENGTH', `the envelope does not announce a body of ${bodyBytes} bytes`);
  }
  yield envelope;
  const partBytes = 2 ** gibPartExponent;
  let written = seipdHeaderBytes;
  for await (const piece of body) {
    let rest = piece;
    if (written + piece.length > total) throw new VaultCorrupt('LENGTH', `the body exceeds ${bodyBytes} bytes`);
    while (rest.length > 0) {
      if (isCut && written % partBytes === 0) yield partLength(total - written);
      const room = isCut ? partBytes - (written % partBytes) : rest.length;
      const run = rest.subarray(0, room);
      yield run;
      written += run.length;
      rest = rest.subarray(run.length);
    }
  }
  if (written !== total) {
    throw new VaultCorrupt('LENGTH', `the body ends after ${written - seipdHeaderBytes} of ${bodyBytes} bytes`);
  }
  // A last part may be empty, never absent.
  if (isCut && written % partBytes === 0) yield definiteLength(0);
}

/** The size of the output of `exportMessage`: the envelope, the body, and over 4 GiB the octets between its parts. */
export function exportedBytes(envelope: Uint8Array, bodyBytes: number): number {
  const total = seipdHeaderBytes + bodyBytes;
  if (total <= maxDefiniteBytes) return envelope.length + bodyBytes;
  const partBytes = 2 ** gibPartExponent;
  // The octet of the first part stands in the envelope.
  return envelope.length + bodyBytes + Math.floor(total / partBytes) - 1 + definiteLength(total % partBytes).length;
}

function partLength(remaining: number): Uint8Array {
  return remaining >= 2 ** gibPartExponent ? Uint8Array.of(partialLength(gibPartExponent)) : definiteLength(remaining);
}

/** How many octets at the beginning of a message are its envelope. @throws VaultCorrupt `ENVELOPE`. */
export function envelopeBytesIn(message: Uint8Array): number {
  const offset = skipWrappedKeys(message);
  const length = readDefiniteLength(message, offset + 1);
  if (message[offset] !== packetTag.seipd || length === null)
    throw new VaultCorrupt('ENVELOPE', 'wrapped keys and a SEIPD packet of definite length expected');
  return offset + 1 + length.size + seipdHeaderBytes;
}

/** Where the packet begins that follows the wrapped keys. */
function skipWrappedKeys(envelope: Uint8Array): number {
  let offset = 0;
  while (envelope[offset] === packetTag.pkesk) {
    const length = readDefiniteLength(envelope, offset + 1);
    if (length === null) throw new VaultCorrupt('ENVELOPE', 'a wrapped key has no definite length');
    offset += 1 + length.size + length.bytes;
  }
  return offset;
}

/** `packetBytes` is null when the packet is cut into parts. */
function parseEnvelope(envelope: Uint8Array): {
  wrappedKeys: Uint8Array;
  packetBytes: number | null;
  suite: Suite;
  salt: Uint8Array;
} {
  const offset = skipWrappedKeys(envelope);
  if (offset === 0 || envelope[offset] !== packetTag.seipd) {
    throw new VaultCorrupt('ENVELOPE', 'wrapped keys and a SEIPD packet expected');
  }
  const isCut = envelope[offset + 1] === partialLength(gibPartExponent);
  const length = readDefiniteLength(envelope, offset + 1);
  if (length === null && !isCut) throw new VaultCorrupt('ENVELOPE', 'SEIPD length octets expected');
  const header = envelope.subarray(offset + 1 + (length?.size ?? 1));
  const [version, cipher, mode, chunkOctet] = header;
  if (header.length !== seipdHeaderBytes) throw new VaultCorrupt('ENVELOPE', 'SEIPD header of another length');
  if (version !== 2 || cipher !== 9 || mode !== 3 || chunkOctet === undefined || chunkOctet > 16) {
    throw new VaultCorrupt('ENVELOPE', 'SEIPD version 2 with AES-256 and GCM expected');
  }
  return {
    wrappedKeys: envelope.subarray(0, offset),
    packetBytes: length?.bytes ?? null,
    suite: vaultSuite(chunkOctet),
    salt: envelope.slice(envelope.length - saltBytes),
  };
}

/** @throws VaultCorrupt `ENVELOPE`. @throws KeyRefused `NOT_A_RECIPIENT`. */
export async function unwrapSessionKey(wrappedKeys: Uint8Array, keys: readonly OpeningKey[]): Promise<Uint8Array> {
  const unwrapped = unwrapWithX25519(
    wrappedKeys,
    keys.flatMap(({ x25519 }) => x25519),
  );
  if (unwrapped?.length === 32) return unwrapped;
  const decryptionKeys = keys.map(({ key }) => key);
  try {
    const message = await readMessage({ binaryMessage: wrappedKeys });
    const held = new Set(decryptionKeys.flatMap((key) => key.getKeyIDs().map((id) => id.toHex())));
    if (!message.getEncryptionKeyIDs().some((id) => held.has(id.toHex()))) {
      throw new KeyRefused(
        'NOT_A_RECIPIENT',
        'the envelope names none of the keys given: it is for others, or damaged',
      );
    }
    const found = await decryptSessionKeys({ message, decryptionKeys });
    const [first, ...others] = found.map(({ data }) => data);
    if (first?.length === 32 && others.every((other) => Buffer.compare(other, first) === 0)) return first;
    for (const { data } of found) data.fill(0);
    throw new VaultCorrupt('ENVELOPE', 'one session key of 32 octets expected');
  } catch (cause) {
    if (cause instanceof KeyRefused || cause instanceof VaultCorrupt) throw cause;
    throw new VaultCorrupt('ENVELOPE', 'the session key does not come out of the envelope', cause);
  }
}
