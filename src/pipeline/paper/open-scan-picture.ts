import type { Id } from '../../domain/ids.ts';
import { openSealed } from '../core/sealed-object.ts';
import type { Caller } from '../ports/caller.ts';
import type { OpenSource } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { findScanPage } from './scan-page.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring'>;

/** Opens the picture of a page, a PNG; that it was shown is on the log before the first byte leaves. The caller closes it. */
export async function openScanPicture(outside: Needs, caller: Caller, scanPageId: Id): Promise<OpenSource> {
  const { sealed } = await findScanPage(outside.database.read, scanPageId);
  const source = await openSealed(outside, sealed);
  await outside.database.transact(caller, async (tx) =>
    tx.log({ action: 'scan.page_shown', outcome: 'done', object: { kind: 'scan_page', id: scanPageId } }),
  );
  return source;
}
