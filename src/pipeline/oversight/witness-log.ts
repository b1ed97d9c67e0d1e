import { openCheckpoint } from '../../audit/checkpoint.ts';
import { NoteMalformed } from '../../audit/note-form.ts';
import { NoteForged, parseVerifierKey } from '../../audit/signed-note.ts';
import type { Outside } from '../ports/outside.ts';
import { WitnessConflict, WitnessUnavailable } from '../ports/witness.ts';
import { findCheckpoint, type SignedCheckpoint } from './integrate-log.ts';
import { ownKey } from './note-reading.ts';
import { LogForked } from './publish-log.ts';
import { TreeReader } from './tree-reader.ts';

type Needs = Pick<Outside, 'database' | 'logSigner' | 'witness'>;
type Witness = NonNullable<Needs['witness']>;

/**
 * Has the newest checkpoint signed by the witness, which signs only what continues what it signed before: so two people
 * cannot be shown two logs. Returns the checkpoint with its cosignature; null when there is no witness or nothing new.
 * Repeatable. Policy P4.
 * @throws LogForked when the witness has seen more entries than there are.
 * @throws WitnessUnavailable.
 */
export async function witnessLog(outside: Needs): Promise<string | null> {
  const { database, witness } = outside;
  if (!witness) return null;
  const newest = await findCheckpoint(database.read);
  const last = await database.read.auditCosignature.findFirst({
    where: { witness: witness.key.name },
    orderBy: { size: 'desc' },
  });
  if (!newest || Number(last?.size ?? 0) === newest.size) return null;
  const answer = await ask(database, witness, newest, Number(last?.size ?? 0));
  const lines = verifiedLines(outside, witness, newest.note, answer);
  await database.read.auditCosignature.createMany({
    data: [{ size: newest.size, witness: witness.key.name, lines }],
    skipDuplicates: true,
  });
  return newest.note + lines;
}

/** The newest checkpoint with whatever witnesses have signed of it. */
export async function findCosigned({ database }: Pick<Needs, 'database'>): Promise<string | null> {
  const newest = await findCheckpoint(database.read);
  if (!newest) return null;
  const rows = await database.read.auditCosignature.findMany({ where: { size: newest.size }, orderBy: { at: 'asc' } });
  return newest.note + rows.map(({ lines }) => lines).join('');
}

/** The witness may have signed what this database does not know of, because its answer was lost: then it says so. */
async function ask(
  database: Needs['database'],
  witness: Witness,
  newest: SignedCheckpoint,
  oldSize: number,
): Promise<string> {
  const tree = new TreeReader(database.read, newest.size);
  const cosign = async (from: number) =>
    witness.cosign(from, from === 0 || from === newest.size ? [] : await tree.consistency(from), newest.note);
  try {
    return await cosign(oldSize);
  } catch (error) {
    if (!(error instanceof WitnessConflict)) throw error;
    if (error.size > newest.size)
      throw new LogForked(`the witness ${witness.key.name} has seen ${error.size} entries, there are ${newest.size}`);
    return cosign(error.size);
  }
}

/** @throws WitnessUnavailable unless the witness's own signature is among them. */
function verifiedLines(outside: Needs, witness: Witness, note: string, answer: string): string {
  const lines = answer.endsWith('\n') ? answer : `${answer}\n`;
  try {
    const { witnesses } = openCheckpoint(note + lines, {
      log: [parseVerifierKey(ownKey(outside))],
      witnesses: [witness.key],
    });
    if (witnesses.length > 0) return lines;
  } catch (error) {
    if (!(error instanceof NoteForged || error instanceof NoteMalformed)) throw error;
    throw new WitnessUnavailable('the witness answered with what is no signature of its', { cause: error });
  }
  throw new WitnessUnavailable('the witness did not sign with its key');
}
