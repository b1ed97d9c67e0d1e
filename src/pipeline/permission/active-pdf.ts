import { inflateSync } from 'node:zlib';
import { mustHave } from '../../domain/must-have.ts';

/**
 * Names that let a PDF act by itself, bring other files along or send something. ISO 32000-2, 12.6.4, 7.11.4 and
 * 12.7.8. All are long enough not to turn up by chance in packed octets, which are searched too: where a stream begins,
 * the file alone says.
 */
const active = new Set([
  ...['JavaScript', 'Launch', 'EmbeddedFile', 'EmbeddedFiles', 'RichMedia', 'RichMediaContent'],
  ...['ImportData', 'SubmitForm', 'GoToE'],
]);
const maxExpandedBytes = 64 * 2 ** 20;

/**
 * Names of a PDF that let it act, also where they are written in hexadecimal or packed into object streams. `['Encrypt']` where
 * nothing can be seen, because it is encrypted; `['ObjStm']` where objects are packed in a way that is not looked into.
 * Attacker-controlled: only searched, never interpreted.
 */
export function findActiveContent(pdf: Uint8Array): string[] {
  const text = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.length).toString('latin1');
  const names = namesOf(text);
  const found = new Set(names.filter((name) => active.has(name)));
  if (names.includes('XFA')) found.add('XFA');
  if (names.includes('Encrypt')) found.add('Encrypt');
  const packed = unpackObjects(pdf, text);
  for (const name of packed.names) if (active.has(name) || name === 'XFA') found.add(name);
  // Every stream of objects that is named has to have been seen: one may hide in what looks like another stream.
  if (names.filter((name) => name === 'ObjStm').length !== packed.streams) found.add('ObjStm');
  return [...found];
}

/** What stands in the streams of objects; `streams` counts those that could be unpacked whole. ISO 32000-2, 7.5.7. */
function unpackObjects(pdf: Uint8Array, text: string): { readonly names: string[]; readonly streams: number } {
  const names: string[] = [];
  let streams = 0;
  let left = maxExpandedBytes;
  for (const match of text.matchAll(/\bobj\b([\s\S]{0,2000}?)>>\s*stream(\r\n|\n|\r)/g)) {
    const own = mustHave(match[1], 'dictionary before a stream');
    if (!namesOf(own).includes('ObjStm')) continue;
    const filters = namesOf(/\/Filter\s*(\[[^\]]*\]|\/[^\s/<>[\]()]+)/.exec(own)?.[1] ?? '');
    if (filters.length > 1 || (filters.length === 1 && filters[0] !== 'FlateDecode')) continue;
    const begin = match.index + match[0].length;
    const octets = pdf.subarray(begin);
    try {
      const expanded =
        filters.length === 0
          ? Buffer.from(octets.subarray(0, Math.max(0, text.indexOf('endstream', begin) - begin)))
          : inflateSync(octets, { maxOutputLength: Math.max(1, left) });
      left -= expanded.length;
      names.push(...namesOf(expanded.toString('latin1')));
      streams += 1;
    } catch {
      // Not counted: then it is not known what is in it.
    }
  }
  return { names, streams };
}

/** Names with their escapes undone: `/J#61vaScript` is `JavaScript`. ISO 32000-2, 7.3.5. */
function namesOf(text: string): string[] {
  return Array.from(text.matchAll(/\/[^\s\0/<>[\](){}%]{2,40}/g), ([written]) => {
    const name = written.slice(1);
    return name.includes('#')
      ? name.replaceAll(/#([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      : name;
  });
}
