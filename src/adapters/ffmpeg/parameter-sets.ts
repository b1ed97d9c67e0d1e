import { childBoxes } from './box-tree.ts';

/**
 * Sequence and picture parameter sets of H.264, each without a start code. ITU-T H.264 sections 7.3.2.1 and 7.3.2.2.
 */
export interface ParameterSets {
  readonly sequence: readonly Buffer[];
  readonly picture: readonly Buffer[];
}

const sequenceUnit = 7;
const pictureUnit = 8;

/** The parameter sets of a stream with start codes. ITU-T H.264 annex B. */
export function parameterSetsOf(stream: Buffer): ParameterSets {
  const units: Buffer[] = [];
  for (let at = stream.indexOf('000001', 0, 'hex'); at !== -1; ) {
    const next = stream.indexOf('000001', at + 3, 'hex');
    let end = next === -1 ? stream.length : next;
    // Zeros before the next start code are no part of a unit, which ends in a set bit.
    while (end > at + 3 && stream[end - 1] === 0) end -= 1;
    units.push(stream.subarray(at + 3, end));
    at = next;
  }
  const of = (type: number) => units.filter((unit) => ((unit[0] ?? 0) & 0x1f) === type);
  return { sequence: of(sequenceUnit), picture: of(pictureUnit) };
}

/**
 * Adds parameter sets to the one `avcC` of a movie header (`ftyp` and `moov`), so that from the start a decoder knows
 * the sets of the copied and of the encoded parts. Every box around it grows. Fragments are not affected: their offsets
 * are their own (`default_base_moof`). ISO/IEC 14496-15 section 5.3.3.1.
 * @throws Error if there is no `avcC`.
 */
export function addParameterSets(header: Buffer, added: ParameterSets): Buffer {
  const path = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd', 'avc1', 'avcC'];
  /** Bytes of a box before the boxes in it, beyond its header. ISO/IEC 14496-12 sections 8.5.2 and 12.1.3. */
  const own: Readonly<Record<string, number>> = { stsd: 8, avc1: 78 };
  const grow = (boxes: Buffer, depth: number): Buffer | null => {
    const [type, ...deeper] = path.slice(depth);
    const children = childBoxes(boxes);
    for (const [index, child] of children.entries()) {
      if (child.type !== type) continue;
      const skipped = own[type] ?? 0;
      const grown =
        deeper.length === 0 ? extendConfiguration(child.body, added) : grow(child.body.subarray(skipped), depth + 1);
      if (grown === null) continue;
      const body = deeper.length === 0 ? grown : Buffer.concat([child.body.subarray(0, skipped), grown]);
      return Buffer.concat(children.map((each, at) => box(each.type, at === index ? body : each.body)));
    }
    return null;
  };
  const grown = grow(header, 0);
  if (grown === null) throw new Error('no H.264 in the movie header');
  return grown;
}

function box(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + body.length);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, body]);
}

/** `AVCDecoderConfigurationRecord`: six bytes and the sequence sets, a count and the picture sets, extensions. */
function extendConfiguration(record: Buffer, added: ParameterSets): Buffer {
  const sequence = readSets(record, 6, record.readUInt8(5) & 0x1f);
  const picture = readSets(record, sequence.end + 1, record.readUInt8(sequence.end));
  const sequenceSets = [...sequence.sets, ...added.sequence];
  const pictureSets = [...picture.sets, ...added.picture];
  return Buffer.concat([
    record.subarray(0, 5),
    Buffer.of(0xe0 | sequenceSets.length),
    ...sequenceSets.flatMap(withLength),
    Buffer.of(pictureSets.length),
    ...pictureSets.flatMap(withLength),
    record.subarray(picture.end),
  ]);
}

function readSets(record: Buffer, from: number, count: number): { sets: Buffer[]; end: number } {
  const sets: Buffer[] = [];
  let at = from;
  for (let n = 0; n < count; n++) {
    const length = record.readUInt16BE(at);
    sets.push(record.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return { sets, end: at };
}

function withLength(set: Buffer): Buffer[] {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(set.length);
  return [length, set];
}
