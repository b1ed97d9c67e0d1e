/** OpenPGP packet framing (RFC 9580, 4.2): pure arithmetic on octets, new packet format only. */

export const packetTag = { pkesk: 0xc1, literal: 0xcb, seipd: 0xd2 } as const;

/** The largest body that a definite length can express. */
export const maxDefiniteBytes = 2 ** 32 - 1;

/** Fixed part of a SEIPD version 2 body before the chunks: version, cipher, mode, chunk octet and salt. */
export const seipdHeaderBytes = 36;

/** One-octet length of a part of 2^30 octets, with which messages over 4 GiB are cut. */
export const gibPartExponent = 30;

/** `b` (binary), no file name, date 0: the vault says nothing about a recording that is not in the database. */
export const literalFields = Uint8Array.of(0x62, 0, 0, 0, 0, 0);

/** Definite length octets, the shortest form. RFC 9580, 4.2.1.1–3. */
export function definiteLength(bytes: number): Uint8Array {
  if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > maxDefiniteBytes) {
    throw new RangeError(`no definite length for ${bytes} bytes`);
  }
  if (bytes < 192) return Uint8Array.of(bytes);
  if (bytes < 8384) return Uint8Array.of(192 + ((bytes - 192) >> 8), (bytes - 192) & 0xff);
  return Uint8Array.of(0xff, (bytes >>> 24) & 0xff, (bytes >>> 16) & 0xff, (bytes >>> 8) & 0xff, bytes & 0xff);
}

/** The octet that announces a part of 2^`exponent` octets with more to follow. RFC 9580, 4.2.1.4. */
export function partialLength(exponent: number): number {
  return 0xe0 | exponent;
}

/**
 * Reads definite length octets at `offset`. Returns null for a partial length and for octets that end too early: the
 * caller interprets it.
 */
export function readDefiniteLength(octets: Uint8Array, offset: number): { bytes: number; size: number } | null {
  const [a, b, c, d, e] = octets.subarray(offset, offset + 5);
  if (a === undefined) return null;
  if (a < 192) return { bytes: a, size: 1 };
  if (a < 224) return b === undefined ? null : { bytes: ((a - 192) << 8) + b + 192, size: 2 };
  if (a < 255 || b === undefined || c === undefined || d === undefined || e === undefined) return null;
  return { bytes: b * 2 ** 24 + (c << 16) + (d << 8) + e, size: 5 };
}

/**
 * How the literal packet is cut, stored beside the media length because the ciphertext does not show it: `definite`
 * when the length was declared and fits; `partial30` (1 GiB parts) when it was declared and does not; `partial22` (4
 * MiB parts) when it was not declared.
 */
export const framings = ['definite', 'partial30', 'partial22'] as const;
export type Framing = (typeof framings)[number];

const partExponent = { partial30: gibPartExponent, partial22: 22 } as const;

/** The framing that the writer uses for media of this length, `undefined` when unknown before the end. */
export function chooseFraming(mediaBytes: number | undefined): Framing {
  if (mediaBytes === undefined) return 'partial22';
  return literalFields.length + mediaBytes <= maxDefiniteBytes ? 'definite' : 'partial30';
}

/** A stretch of the plaintext: octets that the format puts there, or `length` bytes of media from `mediaStart`. */
export type LiteralRun =
  | { readonly kind: 'framing'; readonly plainStart: number; readonly octets: Uint8Array }
  | { readonly kind: 'media'; readonly plainStart: number; readonly mediaStart: number; readonly length: number };

/**
 * Where each byte of media lies in the plaintext of one literal packet. With parts of P octets, every full P octets
 * of packet body (the six literal fields and the media) are one partial part; what remains, possibly nothing,
 * is the last part, of definite length.
 */
export class LiteralLayout {
  readonly mediaBytes: number;
  readonly framing: Framing;
  /** Size of the whole packet. */
  readonly plaintextBytes: number;
  readonly #partBytes: number;
  readonly #partials: number;
  readonly #lastLength: Uint8Array;

  constructor(mediaBytes: number, framing: Framing) {
    if (!Number.isSafeInteger(mediaBytes) || mediaBytes < 0) throw new RangeError(`media of ${mediaBytes} bytes`);
    const body = literalFields.length + mediaBytes;
    this.mediaBytes = mediaBytes;
    this.framing = framing;
    this.#partBytes = framing === 'definite' ? Number.POSITIVE_INFINITY : 2 ** partExponent[framing];
    this.#partials = Math.floor(body / this.#partBytes);
    this.#lastLength = definiteLength(this.#partials === 0 ? body : body % this.#partBytes);
    this.plaintextBytes = 1 + this.#partials + this.#lastLength.length + body;
  }

  /** Plaintext offset of media byte `offset`, which must exist. */
  plainOffset(offset: number): number {
    const body = literalFields.length + offset;
    const part = Math.min(Math.floor(body / this.#partBytes), this.#partials);
    return body + 1 + part + (part === this.#partials ? this.#lastLength.length : 1);
  }

  /** How many bytes of media lie before plaintext offset `plain`. */
  mediaBefore(plain: number): number {
    let media = 0;
    for (const run of this.runs(Math.max(0, plain - 1), plain))
      if (run.kind === 'media') media = run.mediaStart + Math.min(run.length, Math.max(0, plain - run.plainStart));
    return media;
  }

  /** The runs that touch plaintext `[from, to)`, in order, the outermost ones possibly reaching beyond it. */
  *runs(from: number, to: number): Generator<LiteralRun> {
    const first = this.framing === 'definite' ? 0 : Math.min(Math.floor(from / (this.#partBytes + 1)), this.#partials);
    for (let part = Math.max(0, first - 1); part <= this.#partials; part++) {
      const octets = this.#partOctets(part);
      const bodyStart = part === 0 ? 0 : part * this.#partBytes;
      const plainStart = part === 0 ? 0 : 1 + part + bodyStart;
      if (plainStart >= to) return;
      yield { kind: 'framing', plainStart, octets };
      const mediaStart = part === 0 ? 0 : bodyStart - literalFields.length;
      const mediaEnd = part === this.#partials ? this.mediaBytes : (part + 1) * this.#partBytes - literalFields.length;
      const length = mediaEnd - mediaStart;
      if (length > 0) yield { kind: 'media', plainStart: plainStart + octets.length, mediaStart, length };
    }
  }

  #partOctets(part: number): Uint8Array {
    const length =
      part === this.#partials || this.framing === 'definite'
        ? this.#lastLength
        : Uint8Array.of(partialLength(partExponent[this.framing]));
    return part === 0 ? Uint8Array.of(packetTag.literal, ...length, ...literalFields) : length;
  }
}
