import { ask } from '../../api/ask.ts';
import type { Body } from '../../api/types.ts';

/** What somebody declared while the file was on its way: kept on this device until the recording is there. */
export type Declared = Body<'declareSegment'>;

const nameOf = (uploadId: string) => `emanet-declared:${uploadId}`;

export function declaredFor(uploadId: string): Declared[] {
  const kept = localStorage.getItem(nameOf(uploadId));
  return kept === null ? [] : (JSON.parse(kept) as Declared[]);
}

export function keepDeclared(uploadId: string, declared: readonly Declared[]): void {
  if (declared.length === 0) localStorage.removeItem(nameOf(uploadId));
  else localStorage.setItem(nameOf(uploadId), JSON.stringify(declared));
}

/** Declares what was kept for a recording that has arrived. Resolves to the titles of what could not be. */
export async function declareKept(recordingId: string): Promise<string[]> {
  const failed: Declared[] = [];
  for (const body of declaredFor(recordingId))
    await ask('declareSegment', { params: { recordingId }, body }).catch(() => failed.push(body));
  keepDeclared(recordingId, failed);
  return failed.map(({ title }) => title);
}
