import type { Id } from '../../domain/ids.ts';
import type { SheetReading } from '../../domain/sheet-reading.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { assertAnswer, lockScanPage, toDate } from './scan-page.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * Notes what one person types off a signed sheet, by the page that bears the signature. It is no answer until another
 * person confirms it; until then it may be typed again, by anybody.
 * @throws Refusal as `lockScanPage` and `assertAnswer`.
 */
export async function readSheet(
  { database, clock }: Needs,
  caller: Caller,
  scanPageId: Id,
  reading: SheetReading,
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const page = await lockScanPage(tx.db, scanPageId);
    const now = clock();
    await assertAnswer(tx.db, page, reading, now);
    await tx.db.scanPage.update({
      where: { id: scanPageId },
      data: {
        state: 'read',
        reading: { ...reading, answers: [...reading.answers] },
        receivedOn: toDate(reading.receivedOn),
        readById: staffIdOf(caller),
        readAt: now,
      },
    });
    await tx.log({
      action: 'scan.page_read',
      outcome: 'done',
      object: { kind: 'scan_page', id: scanPageId },
      details: { sheet: page.sheet.id },
    });
  });
}
