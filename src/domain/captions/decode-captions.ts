import { decodeAs, utf16Of } from '../text-encoding.ts';
import { unreadableCaptions } from './refusal.ts';

export interface DecodedCaptions {
  readonly text: string;
  /** True: the letters are those of windows-1254, which the file does not say of itself. */
  readonly isGuessed: boolean;
}

/**
 * Text of UTF-8 or UTF-16, with or without a byte order mark, or of windows-1254 where nothing but Turkish comes out.
 * @throws Refusal `CAPTIONS_UNREADABLE`: another encoding, letters that were lost before, or no text at all.
 */
export function decodeCaptions(bytes: Uint8Array): DecodedCaptions {
  const wide = utf16Of(bytes);
  const sure = decodeAs(wide ?? 'utf-8', bytes);
  if (sure !== null) return { text: assertText(sure), isGuessed: false };
  if (wide !== null) throw unreadableCaptions({ code: 'CAPTIONS_ENCODING' });
  const guessed = assertText(decodeAs('windows-1254', bytes) ?? '');
  if (!onlyTurkish.test(guessed)) throw unreadableCaptions({ code: 'CAPTIONS_ENCODING' });
  return { text: guessed, isGuessed: true };
}

/**
 * ASCII, the letters of Turkish and the signs of a word processor. The other octets are letters of other languages in
 * other encodings of the family, and nobody can tell which.
 */
const onlyTurkish = /^[\t\n\r\u0020-\u007EçğıöşüÇĞİÖŞÜâîûÂÎÛ\u00A0«»·°“”‘’…–—•€]*$/u;

function assertText(text: string): string {
  if (controls.test(text)) throw unreadableCaptions({ code: 'CAPTIONS_UNKNOWN_KIND' });
  const lost = text.indexOf('\uFFFD');
  if (lost >= 0)
    throw unreadableCaptions({ code: 'CAPTIONS_DAMAGED', params: { line: text.slice(0, lost).split('\n').length } });
  return text;
}

/** No captions have them: what has is no text. */
const controls = /[\u0000-\u0008\u000E-\u001A\u001C-\u001F]/;
