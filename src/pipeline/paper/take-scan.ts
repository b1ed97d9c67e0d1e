import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { GreyPicture } from '../../detection/picture-hash.ts';
import { type Day, dayIn } from '../../domain/calendar.ts';
import { mayBeCommitted, Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { ScanFinding } from '../../domain/scan-page.ts';
import { findPermissionRules } from '../core/permission-rules.ts';
import {
  emptyFolder,
  folderOf,
  limitBytes,
  openSealed,
  recordSealed,
  type StoredSealed,
  sealIntoStore,
} from '../core/sealed-object.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Database, Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { mostScanBytes, readScan, type ScannedPage } from './read-scan.ts';
import { toDate } from './scan-page.ts';

type Needs = Pick<
  Outside,
  'database' | 'objects' | 'keyring' | 'clock' | 'scans' | 'pictures' | 'codes' | 'pictureWriter'
>;

export interface TakenScan {
  readonly scanId: Id;
  /** Pages of the file. */
  readonly pages: number;
  /** Of these: which found their sheet, which wait for a person to assign them, and which had been taken before. */
  readonly assigned: number;
  readonly unassigned: number;
  readonly again: number;
}

interface SealedPage {
  readonly id: Id;
  readonly place: number;
  readonly pictureSha256: string;
  readonly found: ScanFinding;
  readonly sheet: { readonly id: Id; readonly page: number } | null;
  readonly sealed: StoredSealed;
}

/**
 * Takes a scan in, as a whole or not at all: every page finds the sheet that its code names, or waits unassigned for a person,
 * and its picture is sealed. The file itself lies sealed while it is read and is not kept. A page whose picture was taken before
 * is noticed and not taken twice, unless it was rejected.
 * @throws Refusal as `readScan`; `INVALID_REQUEST`: it cannot have come in on that day.
 */
export async function takeScan(
  outside: Needs,
  caller: Caller,
  file: {
    readonly bytes: AsyncIterable<Uint8Array>;
    readonly signal: AbortSignal;
    readonly receivedOn?: Day | undefined;
  },
): Promise<TakenScan> {
  const { database, clock } = outside;
  const { signal } = file;
  const { timeZone } = await findPermissionRules(database.read);
  const today = dayIn(clock(), timeZone);
  const receivedOn = file.receivedOn ?? today;
  if (receivedOn > today) throw new Refusal('INVALID_REQUEST', { reasons: [{ code: 'SCAN_FROM_FUTURE' }] });
  const scanId = randomUUID();
  const taken: SealedPage[] = [];
  const seen = new Set<string>();
  let pages = 0;
  try {
    await withSealedFile(outside, scanId, limitBytes(file.bytes, mostScanBytes), signal, async (source) => {
      pages = await readScan(
        outside,
        source,
        async ({ page: place, found, picture }) => {
          const pictureSha256 = digestOf(picture);
          if (seen.has(pictureSha256) || (await isKnown(database.read, pictureSha256))) return;
          seen.add(pictureSha256);
          const id = randomUUID();
          const png = await outside.pictureWriter.png(picture);
          const sealed = await sealIntoStore(outside, folderOf('documents', id), Readable.from([png]), { signal });
          taken.push({ id, place, pictureSha256, ...(await findSheet(database.read, found)), sealed });
        },
        { signal },
      );
    });
    const kept = await database.transact(caller, async (tx) => {
      // One after the other: or the same file sent twice at a time would be taken twice.
      await tx.db.$queryRaw`SELECT id FROM school FOR NO KEY UPDATE`;
      const fresh: SealedPage[] = [];
      for (const page of taken) if (!(await isKnown(tx.db, page.pictureSha256))) fresh.push(page);
      for (const page of fresh) await keepPage(tx, page, { scanId, receivedOn, by: staffIdOf(caller), at: clock() });
      return fresh;
    });
    for (const page of taken) if (!kept.includes(page)) await dropPage(outside, page);
    const assigned = kept.filter(({ sheet }) => sheet !== null).length;
    return { scanId, pages, assigned, unassigned: kept.length - assigned, again: pages - kept.length };
  } catch (error) {
    // Unless nobody knows whether it was committed: then the sweep decides.
    if (!mayBeCommitted(error)) for (const page of taken) await dropPage(outside, page);
    throw error;
  }
}

const dropPage = (outside: Needs, { id }: SealedPage) =>
  emptyFolder(outside, folderOf('documents', id), outside.clock());

/** What a client sends is sealed while it is looked at: nothing of it is ever in the clear anywhere but in memory. */
async function withSealedFile(
  outside: Needs,
  id: Id,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  work: (source: Awaited<ReturnType<typeof openSealed>>) => Promise<void>,
): Promise<void> {
  const folder = folderOf('documents', id);
  const sealed = await sealIntoStore(outside, folder, bytes, { signal });
  try {
    const source = await openSealed(outside, { ...sealed, ...sealed.lock() }, signal);
    try {
      await work(source);
    } finally {
      source.close();
    }
  } finally {
    await emptyFolder(outside, folder, outside.clock());
  }
}

type Db = Database['read'] | Transaction['db'];

async function isKnown(db: Db, pictureSha256: string): Promise<boolean> {
  return (await db.scanPage.count({ where: { pictureSha256, state: { not: 'rejected' } } })) > 0;
}

/** The sheet that a code names, if it was printed here and has such a page. */
async function findSheet(db: Db, found: ScannedPage['found']): Promise<Pick<SealedPage, 'found' | 'sheet'>> {
  if (typeof found === 'string') return { found, sheet: null };
  const sheet = await db.sheet.findFirst({ where: { code: found.code }, select: { id: true, pages: true } });
  if (!sheet || found.page > sheet.pages) return { found: 'unknown', sheet: null };
  return { found: 'sheet', sheet: { id: sheet.id, page: found.page } };
}

async function keepPage(
  tx: Transaction,
  { id, place, pictureSha256, found, sheet, sealed }: SealedPage,
  scan: { readonly scanId: Id; readonly receivedOn: Day; readonly by: Id; readonly at: Date },
): Promise<void> {
  const binding = await recordSealed(tx, sealed);
  await tx.db.scanPage.create({
    data: {
      id,
      scanId: scan.scanId,
      place,
      found,
      sheetId: sheet?.id ?? null,
      page: sheet?.page ?? null,
      pictureSha256,
      sealedId: sealed.id,
      receivedOn: toDate(scan.receivedOn),
      uploadedById: scan.by,
      uploadedAt: scan.at,
    },
  });
  await tx.log({
    action: 'scan.page_sealed',
    outcome: 'done',
    object: { kind: 'scan_page', id },
    details: { ...binding, scan: scan.scanId, found, sheet: sheet?.id ?? null },
  });
}

/** Of size and pixels: how they were packed does not matter. */
function digestOf({ width, height, pixels }: GreyPicture): string {
  return createHash('sha256').update(`${width} ${height}\n`).update(pixels).digest('hex');
}
