import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { mustHave } from '../domain/must-have.ts';
import { packetTag, readDefiniteLength } from './packet.ts';

/**
 * PKESK version 6 for X25519 (RFC 9580, 5.1.2 and 5.1.6), made and opened by `node:crypto`: a rotation wraps ten
 * thousands of keys, and OpenPGP.js is several times slower (docs/decisions/0012). OpenPGP.js does all keys other than
 * X25519.
 */

/** Public-key algorithm ID. RFC 9580, 9.1. */
const x25519Algorithm = 25;
const pointBytes = 32;
/** Keys of AES-128, 192 and 256; AES key wrap adds one block of eight octets. RFC 3394. */
const wrappedBytes = [24, 32, 40];
const keyWrapIv = Buffer.alloc(8, 0xa6);
const kdfInfo = 'OpenPGP X25519';

/** The public half of an encryption subkey. */
export interface X25519Recipient {
  readonly keyVersion: 4 | 6;
  readonly fingerprint: Uint8Array;
  readonly point: Uint8Array;
  readonly publicKey: KeyObject;
}

export interface X25519Opener extends X25519Recipient {
  readonly privateKey: KeyObject;
}

export function x25519Recipient(keyVersion: 4 | 6, fingerprint: Uint8Array, point: Uint8Array): X25519Recipient {
  return { keyVersion, fingerprint, point, publicKey: publicKeyOf(point) };
}

export function x25519Opener(recipient: X25519Recipient, secret: Uint8Array): X25519Opener {
  const jwk = { kty: 'OKP', crv: 'X25519', x: base64url(recipient.point), d: base64url(secret) };
  return { ...recipient, privateKey: createPrivateKey({ key: jwk, format: 'jwk' }) };
}

/** One PKESK packet, with a fresh ephemeral key. */
export function wrapForX25519(sessionKey: Uint8Array, recipient: X25519Recipient): Uint8Array {
  if (!wrappedBytes.includes(sessionKey.length + 8)) throw new RangeError('a session key of AES expected');
  const ephemeral = generateKeyPairSync('x25519');
  const { x } = ephemeral.publicKey.export({ format: 'jwk' });
  const ephemeralPoint = Buffer.from(mustHave(x, 'point of an X25519 key'), 'base64url');
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient.publicKey });
  const kek = keyEncryptionKey(ephemeralPoint, recipient.point, shared);
  const cipher = createCipheriv('id-aes128-wrap', kek, keyWrapIv);
  const wrapped = Buffer.concat([cipher.update(sessionKey), cipher.final()]);
  shared.fill(0);
  kek.fill(0);
  const { fingerprint, keyVersion } = recipient;
  const content = Buffer.concat([
    Uint8Array.of(6, 1 + fingerprint.length, keyVersion),
    fingerprint,
    Uint8Array.of(x25519Algorithm),
    ephemeralPoint,
    Uint8Array.of(wrapped.length),
    wrapped,
  ]);
  return Buffer.concat([Uint8Array.of(packetTag.pkesk, content.length), content]);
}

/**
 * The session key, from the PKESKs that name one of `openers`. Null if there is none of this kind, if one does not
 * yield a key, and if two disagree: the caller then asks OpenPGP.js, which reports the error. `wrappedKeys` is
 * attacker-controlled.
 */
export function unwrapWithX25519(wrappedKeys: Uint8Array, openers: readonly X25519Opener[]): Uint8Array | null {
  let found: Uint8Array | null = null;
  for (const packet of packets(wrappedKeys)) {
    const [version, keyBytes] = packet;
    if (version !== 6 || (keyBytes !== 1 + 20 && keyBytes !== 1 + 32)) continue;
    const fingerprintBytes = keyBytes - 1;
    const fields = packet.subarray(3 + fingerprintBytes);
    const wrapped = fields.subarray(2 + pointBytes);
    if (fields[0] !== x25519Algorithm || fields[1 + pointBytes] !== wrapped.length) continue;
    if (!wrappedBytes.includes(wrapped.length)) continue;
    const fingerprint = packet.subarray(3, 3 + fingerprintBytes);
    const opener = openers.find((one) => Buffer.compare(one.fingerprint, fingerprint) === 0);
    if (!opener || opener.keyVersion !== packet[2]) continue;
    const sessionKey = unwrapOne(fields.subarray(1, 1 + pointBytes), wrapped, opener);
    if (sessionKey === null || (found !== null && Buffer.compare(found, sessionKey) !== 0)) return null;
    found = sessionKey;
  }
  return found;
}

function unwrapOne(ephemeralPoint: Uint8Array, wrapped: Uint8Array, opener: X25519Opener): Uint8Array | null {
  try {
    const shared = diffieHellman({ privateKey: opener.privateKey, publicKey: publicKeyOf(ephemeralPoint) });
    const kek = keyEncryptionKey(ephemeralPoint, opener.point, shared);
    const decipher = createDecipheriv('id-aes128-wrap', kek, keyWrapIv);
    const sessionKey = Uint8Array.from(decipher.update(wrapped));
    decipher.final();
    shared.fill(0);
    kek.fill(0);
    return sessionKey;
  } catch {
    return null; // a forged point or a wrong key: no session key, and this function does not say which
  }
}

/** Contents of the PKESK packets; stops at the first other octet. */
function* packets(wrappedKeys: Uint8Array): Generator<Uint8Array> {
  for (let offset = 0; wrappedKeys[offset] === packetTag.pkesk; ) {
    const length = readDefiniteLength(wrappedKeys, offset + 1);
    if (length === null) return;
    const start = offset + 1 + length.size;
    offset = start + length.bytes;
    if (offset > wrappedKeys.length) return;
    yield wrappedKeys.subarray(start, offset);
  }
}

function keyEncryptionKey(ephemeralPoint: Uint8Array, point: Uint8Array, shared: Uint8Array): Buffer {
  const input = Buffer.concat([ephemeralPoint, point, shared]);
  const key = Buffer.from(hkdfSync('sha256', input, '', kdfInfo, 16));
  input.fill(0);
  return key;
}

function publicKeyOf(point: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: base64url(point) }, format: 'jwk' });
}

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
