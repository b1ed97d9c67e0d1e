import { VaultCorrupt } from './errors.ts';
import { literalFields, packetTag, readDefiniteLength } from './packet.ts';

/**
 * Reads one literal packet as its octets arrive, of any length and any cut into parts, and gives out the media in it.
 * The octets are authentic: an error here was sealed into them. RFC 9580, 4.2.1 and 5.9.
 */
export class LiteralReader {
  /** Octets of the packet that are not media and not parsed yet. */
  #pending: Buffer = Buffer.alloc(0);
  #isBegun = false;
  /** Octets left of this part; null if a length comes next. */
  #left: number | null = null;
  #isLast = false;
  #fieldsLeft = literalFields.length;

  /** @throws VaultCorrupt `FRAMING`. */
  take(octets: Buffer): Buffer {
    const media: Buffer[] = [];
    let rest = this.#pending.length === 0 ? octets : Buffer.concat([this.#pending, octets]);
    this.#pending = Buffer.alloc(0);
    while (rest.length > 0) {
      if (!this.#isBegun) {
        if (rest[0] !== packetTag.literal) throw wrong('a literal packet expected');
        this.#isBegun = true;
        rest = rest.subarray(1);
      } else if (this.#left === null) {
        const size = this.#readLength(rest);
        if (size === null) {
          this.#pending = Buffer.from(rest);
          break;
        }
        rest = rest.subarray(size);
      } else if (this.#left === 0) {
        if (this.#isLast) throw wrong('something follows the literal packet');
        this.#left = null;
      } else {
        const part = rest.subarray(0, this.#left);
        this.#left -= part.length;
        rest = rest.subarray(part.length);
        media.push(this.#withoutFields(part));
      }
    }
    const [first] = media;
    return first && media.length === 1 ? first : Buffer.concat(media);
  }

  /** @throws VaultCorrupt `FRAMING` if the packet is not complete. */
  end(): void {
    if (!this.#isLast || this.#left !== 0 || this.#fieldsLeft > 0 || this.#pending.length > 0)
      throw wrong('the literal packet is not whole');
  }

  /** The number of length octets; null if more of them must arrive first. */
  #readLength(octets: Buffer): number | null {
    const first = octets.readUInt8(0);
    if (first >= 224 && first < 255) {
      this.#left = 2 ** (first & 0x1f);
      return 1;
    }
    const length = readDefiniteLength(octets, 0);
    if (length === null) return null;
    this.#left = length.bytes;
    this.#isLast = true;
    return length.size;
  }

  #withoutFields(part: Buffer): Buffer {
    if (this.#fieldsLeft === 0) return part;
    const from = literalFields.length - this.#fieldsLeft;
    const fields = part.subarray(0, this.#fieldsLeft);
    if (!fields.equals(literalFields.subarray(from, from + fields.length)))
      throw wrong('the fields of the literal packet are not those of the vault');
    this.#fieldsLeft -= fields.length;
    return part.subarray(fields.length);
  }
}

const wrong = (why: string) => new VaultCorrupt('FRAMING', why);
