import { canonicalJson } from '../../audit/canonical-json.ts';
import { NoteMalformed } from '../../audit/note-form.ts';
import type { Judged } from '../verify/judged.ts';
import { fromBase64, leafHash, toBase64 } from './hashing.ts';
import { keepSeen, readSeen, type Seen } from './seen.ts';
import { type Checkpoint, isSignedBy, type NoteKey, readCheckpoint, readKey } from './signed-checkpoint.ts';
import { publishedTiles, type ReadTile, TilesMissing, Tree } from './tree.ts';

/** What is wrong with an answer of the log; entries by their number. */
export type ProofFault =
  /** What the entry says is not what its hash was made of. */
  | { readonly fault: 'CHANGED'; readonly seq: number }
  /** The log that was signed has no such entry there. */
  | { readonly fault: 'NOT_INCLUDED'; readonly seq: number }
  /** `seq` stands where `expected` was: an entry was left out, put in or moved. */
  | { readonly fault: 'LEFT_OUT'; readonly seq: number; readonly expected: number }
  /** The checkpoint over `size` entries is not by the published key. */
  | { readonly fault: 'NOT_SIGNED' }
  /** The published key is another than this browser saw. */
  | { readonly fault: 'OTHER_KEY' }
  /** The first `size` entries are not those that this browser saw. */
  | { readonly fault: 'FORK'; readonly size: number }
  /** The log has fewer entries than the `size` that this browser saw before it asked. */
  | { readonly fault: 'SET_BACK'; readonly size: number }
  /** Key or tree of the log could not be read: nothing was checked. */
  | { readonly fault: 'NOT_CHECKED' }
  /** The browser has no Ed25519 or no Web Crypto. */
  | { readonly fault: 'NO_CRYPTO' };

export interface Checked {
  /** Entries that were checked. */
  readonly entries: number;
  /** Entries that the log has. */
  readonly size: number;
  /** Entries of the state that this browser had seen before, of which the log is a continuation; null: it had seen none. */
  readonly seenSize: number | null;
  readonly faults: readonly ProofFault[];
}

interface Answer {
  readonly entries: readonly { readonly seq: number; readonly entry: unknown; readonly leafHash: string }[];
  readonly checkpoint: { readonly note: string };
}

const publishedAt = '/.well-known/emanet-log';
const readTile: ReadTile = publishedTiles();

/** What the log publishes of itself. */
export interface Published {
  readonly origin: string;
  readonly key: string;
  readonly witness: string | null;
  readonly witnessKey: string | null;
}

/** @throws TilesMissing. */
export async function readPublished(): Promise<Published> {
  try {
    const response = await fetch(publishedAt, { cache: 'no-store' });
    if (!response.ok) throw new TilesMissing(`${publishedAt}: ${response.status}`);
    return (await response.json()) as Published;
  } catch (cause) {
    throw cause instanceof TilesMissing ? cause : new TilesMissing(publishedAt, { cause });
  }
}

/** One after the other: each is compared with what the one before it left. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * Checks an answer of the log, which is not trusted: each entry is hashed again from what it says and found in the tree
 * of the answer's checkpoint; the checkpoint is signed by the published key and continues the state that this browser
 * saw last, which it then takes the place of. `seenBefore` is what had been seen when the answer was asked for. `expected`
 * is the number that the first entry must have where none may be left out; null: the answer was filtered.
 */
export function checkAnswer(
  answer: Answer,
  { seenBefore, expected }: { readonly seenBefore: Seen | null; readonly expected: number | 'newest' | null },
): Promise<Checked> {
  const mine = turn.then(() => check(answer, seenBefore, expected));
  turn = mine.catch(() => undefined); // whoever asked is told
  return mine;
}

async function check(answer: Answer, seenBefore: Seen | null, expected: number | 'newest' | null): Promise<Checked> {
  const { note } = answer.checkpoint;
  const faults: ProofFault[] = [];
  let size = 0;
  let seenSize: number | null = null;
  try {
    if (globalThis.crypto?.subtle === undefined)
      return { entries: 0, size, seenSize, faults: [{ fault: 'NO_CRYPTO' }] };
    const checkpoint = readCheckpoint(note);
    size = checkpoint.size;
    const { key: keyLine } = await readPublished();
    const key = await readKey(keyLine);
    const seen = readSeen();
    const tree = new Tree(size, readTile);
    if (!(await isSignedBy(note, key))) faults.push({ fault: 'NOT_SIGNED' });
    else if (seen !== null && seen.key !== keyLine) faults.push({ fault: 'OTHER_KEY' });
    else {
      const found = await compareWithSeen(checkpoint, tree, seen, seenBefore, key);
      seenSize = found.seenSize;
      faults.push(...found.faults);
      // The log signed it, and can be held to it later, whatever its entries turn out to be.
      if (found.faults.length === 0 && size >= (seenSize ?? 0)) keepSeen({ key: keyLine, note });
    }
    faults.push(...(await checkEntries(answer.entries, tree, checkpoint)));
    faults.push(...checkOrder(answer.entries, expected === 'newest' ? size : expected));
    return { entries: answer.entries.length, size, seenSize, faults };
  } catch (error) {
    if (error instanceof TilesMissing) faults.push({ fault: 'NOT_CHECKED' });
    else if (error instanceof NoteMalformed) faults.push({ fault: 'NOT_SIGNED' });
    else if (error instanceof DOMException && error.name === 'NotSupportedError') faults.push({ fault: 'NO_CRYPTO' });
    else throw error;
    return { entries: 0, size, seenSize, faults };
  }
}

async function compareWithSeen(
  checkpoint: Checkpoint,
  tree: Tree,
  seen: Seen | null,
  seenBefore: Seen | null,
  key: NoteKey,
): Promise<{ readonly seenSize: number | null; readonly faults: readonly ProofFault[] }> {
  // What lies in this browser could have been changed too: an unsigned state is none.
  if (seen === null || !(await isSignedBy(seen.note, key))) return { seenSize: null, faults: [] };
  const last = readCheckpoint(seen.note);
  const known = seenBefore === null ? null : readCheckpoint(seenBefore.note);
  if (known !== null && known.size > checkpoint.size)
    return { seenSize: last.size, faults: [{ fault: 'SET_BACK', size: known.size }] };
  // Two answers may come in another order than they were asked in.
  const isContinued =
    last.size <= checkpoint.size
      ? await tree.continues(last, checkpoint)
      : await new Tree(last.size, readTile).continues(checkpoint, last);
  const size = Math.min(last.size, checkpoint.size);
  return { seenSize: last.size, faults: isContinued ? [] : [{ fault: 'FORK', size }] };
}

async function checkEntries(entries: Answer['entries'], tree: Tree, checkpoint: Checkpoint): Promise<ProofFault[]> {
  const found = await Promise.all(
    entries.map(async ({ seq, entry, leafHash: stated }): Promise<ProofFault | null> => {
      const leaf = await leafHash(canonicalJson(entry));
      if (toBase64(leaf) !== stated) return { fault: 'CHANGED', seq };
      return (await tree.includes(leaf, seq - 1, checkpoint)) ? null : { fault: 'NOT_INCLUDED', seq };
    }),
  );
  return found.filter((fault) => fault !== null);
}

function checkOrder(entries: Answer['entries'], first: number | null): ProofFault[] {
  if (first === null) return [];
  const at = entries.findIndex(({ seq }, index) => seq !== first - index);
  const wrong = entries[at];
  return wrong === undefined ? [] : [{ fault: 'LEFT_OUT', seq: wrong.seq, expected: first - at }];
}

/**
 * Whether a state of the log, at which a file was made, is an earlier or later one of the log that this browser saw.
 * Null: this browser never saw the log, or the published tree could not be read.
 */
export async function isOfSeenLog(state: Judged['state']): Promise<boolean | null> {
  const seen = readSeen();
  const root = state === null ? null : fromBase64(state.root);
  if (seen === null || state === null || root === null) return null;
  const last = readCheckpoint(seen.note);
  const made: Checkpoint = { origin: state.origin, size: state.size, root };
  if (made.origin !== last.origin) return false;
  const [older, newer] = made.size <= last.size ? [made, last] : [last, made];
  try {
    return await new Tree(newer.size, readTile).continues(older, newer);
  } catch (error) {
    if (error instanceof TilesMissing) return null;
    throw error;
  }
}
