import type { Id } from '../../domain/ids.ts';
import { emptyFolder, folderOf, isRecorded, stageFolder } from '../core/sealed-object.ts';
import type { Outside } from '../ports/outside.ts';

/** Removes the staged parts of an upload that is over, and what a broken sealing left. Repeatable. */
export async function removeStaged(
  outside: Pick<Outside, 'database' | 'objects' | 'clock'>,
  uploadId: Id,
): Promise<void> {
  const { database, objects, clock } = outside;
  const upload = await database.read.upload.findUnique({ where: { id: uploadId }, select: { state: true } });
  if (upload && upload.state !== 'failed') return;
  const soon = new Date(clock().getTime() + 1_000);
  await emptyFolder(outside, stageFolder(uploadId), soon);
  const folder = folderOf('recordings', uploadId);
  const recording = await database.read.recording.findUnique({ where: { id: uploadId }, select: { sealedAt: true } });
  if (!recording) {
    await emptyFolder(outside, folder, soon);
    return;
  }
  // Beside what was published: attempts whose process was killed. What is written now, a rendition, is younger.
  if (!recording.sealedAt) return;
  await objects.abortUnfinished(folder, recording.sealedAt);
  for await (const { key, modifiedAt } of objects.list(folder)) {
    if (modifiedAt >= recording.sealedAt) continue;
    if (!(await isRecorded(outside, key))) await objects.purge(key);
  }
}
