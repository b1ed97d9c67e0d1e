import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { findScanPage, refusePage } from './scan-page.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * Puts a page aside: it is no answer. Its picture stays, and the same paper may be scanned again. What was read is rejected by
 * another person than who read it.
 * @throws Refusal `NOT_FOUND`, `SAME_PERSON`; `WRONG_STATE`: `SCAN_PAGE_DONE`.
 */
export async function rejectScanPage(
  { database, clock }: Needs,
  caller: Caller,
  scanPageId: Id,
  note: string,
): Promise<void> {
  await database.transact(caller, async (tx) => {
    await tx.db.$queryRaw`SELECT id FROM scan_page WHERE id = ${scanPageId}::uuid FOR UPDATE`;
    const row = await findScanPage(tx.db, scanPageId);
    if (row.state === 'confirmed' || row.state === 'rejected') throw refusePage('SCAN_PAGE_DONE');
    if (row.state === 'read' && row.readById === staffIdOf(caller))
      throw new Refusal('SAME_PERSON', { reasons: [{ code: 'SECOND_READER' }] });
    await tx.db.scanPage.update({
      where: { id: scanPageId },
      data: { state: 'rejected', note, decidedById: staffIdOf(caller), decidedAt: clock() },
    });
    await tx.log({
      action: 'scan.page_rejected',
      outcome: 'done',
      object: { kind: 'scan_page', id: scanPageId },
      details: { sheet: row.sheetId },
    });
  });
}
