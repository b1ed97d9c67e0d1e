/** The form of C2SP `signed-note` and `tlog-checkpoint` as text: nothing here decodes or checks a signature. */

/** A note, key or checkpoint whose form is not that of C2SP. */
export class NoteMalformed extends Error {
  override readonly name = 'NoteMalformed';
}

/** One signature: who signs, and base64 of the hash of their key and what they signed with it. */
export interface SignatureLine {
  readonly name: string;
  readonly encoded: string;
}

const maxNoteLength = 1_000_000;
const maxSignatures = 100;

/** The signed text, with its last line feed, and its signatures. @throws NoteMalformed. */
export function splitNote(note: string): { readonly text: string; readonly signatures: readonly SignatureLine[] } {
  if (note.length > maxNoteLength) throw new NoteMalformed(`a note of more than ${maxNoteLength} characters`);
  const end = note.lastIndexOf('\n\n');
  if (end === -1 || !note.endsWith('\n')) throw new NoteMalformed('a text, an empty line and signatures expected');
  const text = note.slice(0, end + 1);
  assertText(text);
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > maxSignatures) throw new NoteMalformed(`more than ${maxSignatures} signatures`);
  return { text, signatures: lines.map(splitSignature) };
}

function splitSignature(line: string): SignatureLine {
  const [, name, encoded] = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
  if (name === undefined || encoded === undefined) throw new NoteMalformed('a line that is no signature');
  return { name, encoded };
}

/** `name+hash+base64(key)`. @throws NoteMalformed, which states `form`. */
export function splitKey(text: string, form: string): { name: string; hint: string; encoded: string } {
  const [, name, hint, encoded] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  if (name === undefined || hint === undefined || encoded === undefined) throw new NoteMalformed(form);
  return { name, hint, encoded };
}

/** The three lines of a checkpoint; the root in base64. Lines after the third are allowed and ignored. @throws NoteMalformed. */
export function splitCheckpoint(text: string): {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
} {
  const [origin, size, root, ...rest] = text.split('\n');
  if (!origin || size === undefined || root === undefined || rest.length === 0)
    throw new NoteMalformed('a checkpoint has three lines: origin, size, root');
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size)))
    throw new NoteMalformed('the size of a checkpoint is a whole number');
  return { origin, size: Number(size), root };
}

/** @throws NoteMalformed if `text` cannot stand in a note. */
export function assertText(text: string): void {
  if (!text.endsWith('\n') || !text.isWellFormed() || hasControl(text))
    throw new NoteMalformed('the text of a note ends with a line feed and has no other control character');
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 0x20 && text[at] !== '\n') return true;
  return false;
}
