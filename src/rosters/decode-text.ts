import type { Reason } from '../domain/reason.ts';
import { decodeAs, utf16Of } from '../domain/text-encoding.ts';
import { refuseIfAny, unreadable } from './refusal.ts';

/**
 * Text of UTF-8 or UTF-16 with or without a byte order mark, or of windows-1254 as Turkish spreadsheets save it.
 * @throws Refusal `ROSTER_UNREADABLE` for what was decoded wrongly before it came here, with every line.
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const wide = utf16Of(bytes);
  const text = wide ? decodeAs(wide, bytes) : (decodeAs('utf-8', bytes) ?? decodeAs('windows-1254', bytes));
  if (text !== null) refuseIfAny(damagedLines(text, file));
  if (text === null || controls.test(text)) throw unreadable({ code: 'ROSTER_UNKNOWN_KIND', params: { file } });
  return text;
}

/** None is in a list, and windows-1254 has them where it defines no letter. */
const controls = /[\u0000-\u0008\u000E-\u001F\u007F-\u009F]/;

function damagedLines(text: string, file: string): Reason[] {
  if (!damage.test(text)) return [];
  return text
    .split(/\r\n|\r|\n/)
    .flatMap((line, at) =>
      damage.test(line) ? [{ code: 'ROSTER_WRONG_ENCODING', params: { file, line: at + 1 } }] : [],
    );
}

/**
 * Letters that were lost, and UTF-8 that was read as windows-1254 and saved again. Only the first bytes of Latin letters
 * are looked for, each before what a second byte becomes: no name has such a pair.
 */
const damage =
  /\uFFFD|[\u00C3-\u00C5][\u0080-\u00BF\u0152\u0153\u0160\u0161\u0178\u017D\u017E\u0192\u02C6\u02DC\u2013\u2014\u2018-\u201E\u2020-\u2022\u2026\u2030\u2039\u203A\u20AC\u2122]/;
