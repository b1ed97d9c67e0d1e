import { type Hash, hashBytes } from './merkle.ts';
import { NoteMalformed, splitCheckpoint } from './note-form.ts';
import {
  decodeBase64,
  NoteForged,
  type NoteSigner,
  type NoteVerifier,
  openNote,
  parseNote,
  signNote,
} from './signed-note.ts';

/** The statement of a log about itself at one moment: C2SP `tlog-checkpoint`. */
export interface Checkpoint {
  /** Name of the log, which never changes. */
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
}

export function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner): string {
  return signNote(formatCheckpoint(checkpoint), [signer]);
}

/** Three lines: origin, size, root in base64. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** The content of a note, whoever signed it. Lines after the third are allowed and ignored. @throws NoteMalformed. */
export function readCheckpoint(note: string): Checkpoint {
  return parseText(parseNote(note).text);
}

/**
 * A checkpoint that the log itself signed, with the witnesses that signed it too.
 * @throws NoteMalformed.
 * @throws NoteForged if no key of the log signed it, or a known signature is wrong.
 */
export function openCheckpoint(
  note: string,
  keys: { log: readonly NoteVerifier[]; witnesses?: readonly NoteVerifier[] },
): Checkpoint & { readonly witnesses: readonly { readonly name: string; readonly at: Date | null }[] } {
  const { text, verified } = openNote(note, [...keys.log, ...(keys.witnesses ?? [])]);
  const checkpoint = parseText(text);
  const isOwn = (verifier: NoteVerifier) => keys.log.includes(verifier) && verifier.name === checkpoint.origin;
  if (!verified.some(({ verifier }) => isOwn(verifier)))
    throw new NoteForged(`no given key of ${checkpoint.origin} signed the checkpoint`);
  const witnesses = verified.filter(({ verifier }) => keys.witnesses?.includes(verifier));
  return { ...checkpoint, witnesses: witnesses.map(({ verifier, at }) => ({ name: verifier.name, at })) };
}

function parseText(text: string): Checkpoint {
  const { root, ...rest } = splitCheckpoint(text);
  const hash = decodeBase64(root);
  if (hash.length !== hashBytes) throw new NoteMalformed('the root of a checkpoint is 32 octets');
  return { ...rest, root: hash };
}
