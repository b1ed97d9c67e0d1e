import { attendanceLimits } from './limits.ts';
import { unreadableReport } from './refusal.ts';

/** A tag or a text, as it comes. `at`: where it begins in the whole, for {@link lineCounter}. */
export type XmlPiece =
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly attributes: string;
      readonly isEmpty: boolean;
      readonly at: number;
    }
  | { readonly kind: 'close'; readonly name: string; readonly at: number }
  | { readonly kind: 'text'; readonly text: string; readonly at: number };

/**
 * The pieces of an XML document, each once, in linear time. It knows no document type: without one there are no entities
 * but the five of XML 1.0 (4.6) and numbers, so that nothing can be asked from elsewhere and nothing grows.
 * @throws Refusal `ATTENDANCE_UNREADABLE`: a document type, tags that do not close, or too many within each other.
 */
export function* scanXml(xml: string, file: string): Generator<XmlPiece> {
  const line = lineCounter(xml);
  const broken = (at: number) => unreadableReport({ code: 'ATTENDANCE_XML_BROKEN', params: { file, line: line(at) } });
  const after = (mark: string, from: number, at: number): number => {
    const found = xml.indexOf(mark, from);
    if (found < 0) throw broken(at);
    return found + mark.length;
  };
  const open: string[] = [];
  let at = 0;
  while (at < xml.length) {
    const tag = xml.indexOf('<', at);
    const end = tag < 0 ? xml.length : tag;
    if (end > at) yield { kind: 'text', text: decode(xml.slice(at, end)), at };
    if (tag < 0) break;
    if (xml.startsWith('<!--', tag)) at = after('-->', tag + 4, tag);
    else if (xml.startsWith('<?', tag)) at = after('?>', tag + 2, tag);
    else if (xml.startsWith('<![CDATA[', tag)) {
      at = after(']]>', tag + 9, tag);
      yield { kind: 'text', text: xml.slice(tag + 9, at - 3), at: tag };
    } else if (xml[tag + 1] === '!') throw documentType(xml, tag, file);
    else {
      const close = endOfTag(xml, tag + 1);
      if (close < 0) throw broken(tag);
      at = close + 1;
      if (xml[tag + 1] === '/') {
        const name = xml.slice(tag + 2, close).trim();
        if (open.pop() !== name) throw broken(tag);
        yield { kind: 'close', name, at: tag };
        continue;
      }
      const isEmpty = xml[close - 1] === '/';
      const inside = xml.slice(tag + 1, isEmpty ? close - 1 : close);
      const name = /^[\p{L}_:][\p{L}\p{N}_:.-]*/u.exec(inside)?.[0];
      if (name === undefined || open.length >= attendanceLimits.depth) throw broken(tag);
      if (!isEmpty) open.push(name);
      yield { kind: 'open', name, attributes: inside.slice(name.length), isEmpty, at: tag };
    }
  }
  if (open.length > 0) throw broken(xml.length);
}

const documentType = (xml: string, at: number, file: string) =>
  unreadableReport({
    code: /^<!doctype\s+html/i.test(xml.slice(at, at + 40)) ? 'ATTENDANCE_IS_WEB_PAGE' : 'ATTENDANCE_DOCUMENT_TYPE',
    params: { file },
  });

/** Where the tag ends: not at a sign that stands in a quoted value. */
function endOfTag(xml: string, from: number): number {
  let quote = '';
  for (let at = from; at < xml.length; at++) {
    const letter = xml[at];
    if (quote !== '') {
      if (letter === quote) quote = '';
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '>') return at;
    else if (letter === '<') return -1;
  }
  return -1;
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** An entity that is not known stays as it is written. */
const decode = (text: string): string =>
  text.includes('&')
    ? text.replaceAll(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(lt|gt|amp|quot|apos));/gi, (whole, decimal, hex, name) => {
        if (name !== undefined) return named[String(name).toLowerCase()] ?? whole;
        const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
        return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole;
      })
    : text;

/** An attribute of a tag; null: the tag has none of that name. */
export function attributeOf(attributes: string, name: string): string | null {
  const found = new RegExp(String.raw`(?:^|\s)${name}\s*=\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes);
  return found === null ? null : decode(found[1] ?? found[2] ?? '');
}

/** The line of a place, from 1. Asked in order, all answers together take linear time. */
export function lineCounter(text: string): (at: number) => number {
  let line = 1;
  let from = 0;
  return (at) => {
    if (at < from) [line, from] = [1, 0];
    for (let next = text.indexOf('\n', from); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) {
      line++;
      from = next + 1;
    }
    return line;
  };
}
