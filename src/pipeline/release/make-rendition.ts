import type { Id } from '../../domain/ids.ts';
import { captionsInForce } from '../captions/captions-in-force.ts';
import { noteEverySecond } from '../core/note-progress.ts';
import { emptyFolder, folderOf, openSealed, recordSealed, sealIntoStore } from '../core/sealed-object.ts';
import { storableJson, storableMs } from '../core/storable.ts';
import { readEdits, readProbe } from '../core/stored-json.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'media' | 'keyring' | 'clock'>;

const caller: Caller = { actor: { kind: 'system', id: 'rendition' } };

/**
 * Makes the playable copy that the decisions ask for: parts removed, no metadata (P5, P11), sealed like the original,
 * which stays untouched. Does nothing if no rendition is wanted, or no longer. Repeatable.
 */
export async function makeRendition(outside: Needs, recordingId: Id, signal: AbortSignal): Promise<void> {
  const { database } = outside;
  const wanted = await database.read.rendition.findFirst({
    where: { recordingId, supersededAt: null, state: { in: ['making', 'failed'] } },
    include: { recording: { include: { sealed: true } } },
  });
  if (!wanted?.recording.sealed) return;
  const { recording } = wanted;
  await database.read.rendition.update({
    where: { id: wanted.id },
    data: { state: 'making', error: null, renderedMs: 0 },
  });
  const edits = readEdits(wanted.edits);
  const wholeMs = Math.max(recording.analysedDurationMs ?? 0, recording.declaredDurationMs ?? 0);
  // Changed from now on, they send the recording back to review, and this rendition counts no longer.
  const captions = await captionsInForce(outside, recordingId, wholeMs);
  const source = await openSealed(outside, wanted.recording.sealed, signal);
  try {
    const { mediaType, output, layout } = outside.media.render(source, readProbe(recording.probe), edits, {
      signal,
      captions,
      onProgress: noteEverySecond((renderedMs) =>
        database.read.rendition.update({ where: { id: wanted.id }, data: { renderedMs } }),
      ),
    });
    const folder = folderOf('recordings', recordingId);
    const sealed = await sealIntoStore(outside, folder, output, { signal });
    const found = storableJson(layout());
    const { durationMs } = layout();
    const isWanted = await database.transact(caller, async (tx) => {
      const { count } = await tx.db.rendition.updateMany({
        where: { id: wanted.id, supersededAt: null, sealedId: null },
        data: { state: 'ready', mediaType, durationMs: storableMs(durationMs), layout: found },
      });
      if (count === 0) return false;
      const binding = await recordSealed(tx, sealed);
      await tx.db.rendition.update({ where: { id: wanted.id }, data: { sealedId: sealed.id } });
      await tx.log({
        action: 'rendition.made',
        outcome: 'done',
        object: { kind: 'rendition', id: wanted.id, recordingId, lessonId: recording.lessonId },
        details: { ...binding, edits: edits.length, captions: captions.map(({ language }) => language) },
      });
      return true;
    });
    if (!isWanted) await emptyFolder(outside, `${folder}${sealed.id}/`, outside.clock());
  } finally {
    source.close();
  }
}
