import { bool, number, object, text } from '../../domain/json.ts';
import type { OpeningKey } from '../../vault/keyring.ts';
import { openPart } from '../core/sealed-message.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { assertKey } from '../ports/object-store-rules.ts';
import { folderOfBackup, type Manifest } from './manifest.ts';
import { BackupRefused } from './refusal.ts';

/** One object of the store in a backup, as a line of its list. */
export interface KeptObject {
  /** Its name in the store. */
  readonly key: string;
  readonly bytes: number;
  /** Of its octets in the store, in hex. */
  readonly sha256: string;
  /** Time of its last change, in milliseconds; 0: so fresh that its time says nothing, and it is read again. */
  readonly modifiedMs: number;
  /** Name of its copy in the place of the backups, below `objects/`. */
  readonly copy: string;
  /** The copy is sealed. Not so where the object itself is nothing but ciphertext. */
  readonly isSealed: boolean;
}

const readLine = object({ k: text, b: number, s: text, m: number, n: text, z: bool });

export const objectListFolder = (id: string) => `${folderOfBackup(id)}/objects`;
const copyName = /^[0-9a-f]{64}$/;
export const copyKey = (copy: string) => `objects/${copy.slice(0, 2)}/${copy}`;

export async function* writeObjectList(kept: Iterable<KeptObject>): AsyncGenerator<Uint8Array> {
  let lines: string[] = [];
  for (const { key, bytes, sha256, modifiedMs, copy, isSealed } of kept) {
    lines.push(JSON.stringify({ k: key, b: bytes, s: sha256, m: modifiedMs, n: copy, z: isSealed }));
    if (lines.length < 1_000) continue;
    yield Buffer.from(`${lines.join('\n')}\n`);
    lines = [];
  }
  yield Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

/** @throws BackupRefused `UNKNOWN_FORM` for a name that no store takes: nothing leads out of a folder. */
export async function* readObjectList(
  place: Pick<ObjectStore, 'get'>,
  manifest: Manifest,
  keys: readonly OpeningKey[],
): AsyncGenerator<KeptObject> {
  let rest = Buffer.alloc(0);
  for await (const piece of openPart(place, objectListFolder(manifest.id), manifest.objects.part, keys)) {
    rest = Buffer.concat([rest, piece]);
    const end = rest.lastIndexOf(10) + 1;
    for (const line of rest.toString('utf8', 0, end).split('\n')) if (line !== '') yield parseLine(line);
    rest = rest.subarray(end);
  }
}

function parseLine(line: string): KeptObject {
  try {
    const { k: key, b: bytes, s: sha256, m: modifiedMs, n: copy, z: isSealed } = readLine(JSON.parse(line));
    assertKey(key);
    // A store of a school has no such folder: what is there belongs to another one.
    if (key.startsWith('schools/')) throw new RangeError('a name of another school');
    if (!copyName.test(copy)) throw new RangeError('no name of a copy');
    return { key, bytes, sha256, modifiedMs, copy, isSealed };
  } catch (error) {
    throw new BackupRefused('UNKNOWN_FORM', { id: line.slice(0, 200) }, error);
  }
}
