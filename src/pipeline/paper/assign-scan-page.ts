import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { parseSheetCode } from '../../domain/sheet-code.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { findScanPage, refusePage } from './scan-page.ts';

type Needs = Pick<Outside, 'database'>;

/**
 * Says by the letters below its code which page of which sheet this is. A page that found its sheet by itself stays there: the
 * code on it was read, and is surer than a hand.
 * @param teacherId only sheets of this teacher's courses are known; undefined: of every course.
 * @throws Refusal `INVALID_REQUEST`: `SHEET_CODE_WRONG` for a letter that was mistyped, `SHEET_PAGE_UNKNOWN`; `NOT_FOUND`:
 * `SHEET_UNKNOWN`; `WRONG_STATE`: `SCAN_PAGE_DONE`, `SCAN_PAGE_ASSIGNED`.
 */
export async function assignScanPage(
  { database }: Needs,
  caller: Caller,
  scanPageId: Id,
  to: { readonly code: string; readonly page: number },
  teacherId: Id | undefined,
): Promise<void> {
  const code = parseSheetCode(to.code);
  if (code === null)
    throw new Refusal('INVALID_REQUEST', {
      reasons: [{ code: 'SHEET_CODE_WRONG', subject: { kind: 'field', id: 'code' } }],
    });
  await database.transact(caller, async (tx) => {
    await tx.db.$queryRaw`SELECT id FROM scan_page WHERE id = ${scanPageId}::uuid FOR UPDATE`;
    const row = await findScanPage(tx.db, scanPageId);
    if (row.state !== 'seen') throw refusePage('SCAN_PAGE_DONE');
    if (row.sheet !== null) throw refusePage('SCAN_PAGE_ASSIGNED');
    const sheet = await tx.db.sheet.findFirst({
      where: { code, ...(teacherId === undefined ? {} : { request: { course: { teacherId } } }) },
    });
    if (!sheet) throw new Refusal('NOT_FOUND', { reasons: [{ code: 'SHEET_UNKNOWN' }] });
    if (to.page > sheet.pages)
      throw new Refusal('INVALID_REQUEST', {
        reasons: [
          { code: 'SHEET_PAGE_UNKNOWN', params: { pages: sheet.pages }, subject: { kind: 'field', id: 'page' } },
        ],
      });
    await tx.db.scanPage.update({
      where: { id: scanPageId },
      data: { sheetId: sheet.id, page: to.page, assignedById: staffIdOf(caller) },
    });
    await tx.log({
      action: 'scan.page_assigned',
      outcome: 'done',
      object: { kind: 'scan_page', id: scanPageId },
      details: { sheet: sheet.id },
    });
  });
}
