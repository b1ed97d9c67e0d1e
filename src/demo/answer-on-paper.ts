import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { saveStream } from '../cli/save-stream.ts';
import type { Client } from '../client/api-client.ts';
import type { GreyPicture } from '../detection/picture-hash.ts';
import { dayIn } from '../domain/calendar.ts';
import { mustHave } from '../domain/must-have.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { sourceOf } from '../pipeline/ports/bytes-source.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import { expectRefusal } from './expect-refusal.ts';
import type { Narrator } from './narrator.ts';
import { blur, chanceOf, grain, turn } from './paper-pictures.ts';
import { fillInSheet } from './pen.ts';

/** What stands for printer, pen and copier in the demo, and the folder where the paper lies. */
export interface PaperDesk extends Pick<Outside, 'scans' | 'pictureWriter'> {
  readonly folder: string;
}

/**
 * Prints the sheet of the one whom no mail reaches, has it filled in and scanned, and takes the answer from it: the teacher reads,
 * somebody else confirms.
 */
export async function answerOnPaper(
  { teacher, administrator }: { readonly teacher: Client; readonly administrator: Client },
  courseId: string,
  desk: PaperDesk,
  say: Narrator,
): Promise<void> {
  const { demo: t } = textsIn(say.language);
  const { timeZone } = await teacher.call('getCourse', { params: { courseId } });
  const today = dayIn(new Date(), timeZone);
  await mkdir(desk.folder, { recursive: true, mode: 0o700 });

  const printed = join(desk.folder, `sheet-${courseId}.pdf`);
  const body = { office: 'Müdür yardımcısının odası / Deputy head’s office' };
  const { stream } = await teacher.download('printSheets', { params: { courseId }, body });
  await saveStream(stream, printed);
  say.line(fill(t.sheetPrinted, { file: printed }));

  const name = 'YONCA DAĞLI';
  const [year = '', month = '', dayOfMonth = ''] = today.split('-');
  const pages = await draw(desk, printed, (sheet) =>
    fillInSheet(sheet, { ticks: yesToAll, name, date: `${dayOfMonth}.${month}.${year}` }),
  );
  for (const [at, page] of pages.entries()) {
    const path = join(desk.folder, `scan-${courseId}-${at + 1}.png`);
    await writeFile(path, await desk.pictureWriter.png(asScanned(page, at)), { mode: 0o600 });
    const { assigned } = await teacher.upload('takeScan', { fields: {}, file: { path } });
    if (assigned !== 1) throw new Error(`${path} should have found its sheet`);
    say.line(fill(t.pageFoundSheet, { file: path }));
  }

  const { items } = await teacher.call('listScanPages', { query: { courseId, state: 'seen' } });
  const signed = mustHave(
    items.find(({ sheet }) => sheet !== null && sheet.page === sheet.pages),
    'page with the signature',
  );
  const page = await teacher.call('getScanPage', { params: { scanPageId: signed.id } });
  const read = await teacher.call('readSheet', {
    params: { scanPageId: signed.id },
    body: {
      answers: page.questions.map(() => 'yes' as const),
      isNoted: true,
      isConsented: true,
      isSigned: true,
      name,
      acceptsName: false,
      writtenDate: today,
      receivedOn: today,
      wasBeforeLesson: false,
    },
  });
  say.line(fill(t.sheetRead, { reader: read.readByName ?? '', signer: read.sheet?.signer ?? '' }));
  const confirmation = {
    params: { scanPageId: read.id },
    body: { readAt: mustHave(read.readAt, 'time of the reading') },
  };
  await expectRefusal(() => teacher.call('confirmSheet', confirmation), 'SAME_PERSON', say);
  await administrator.call('confirmSheet', confirmation);
  say.line(t.sheetConfirmed);
}

/** Information, consent, and the first box of each of the three questions of the demo's course. */
const yesToAll = [0, 1, 2, 4, 6];

/** The pages of a PDF, drawn as a printer draws them and changed by `write`. */
async function draw({ scans }: PaperDesk, pdf: string, write: (pages: GreyPicture[]) => void): Promise<GreyPicture[]> {
  const pages: GreyPicture[] = [];
  await scans.pages(sourceOf(await readFile(pdf)), async ({ width, height, pixels }) => {
    pages.push({ width, height, pixels: Uint8Array.from(pixels) });
  });
  write(pages);
  return pages;
}

/** A little askew, a little out of focus, and grainy, as from the glass of a copier. */
function asScanned(page: GreyPicture, number: number): GreyPicture {
  return grain(blur(turn(page, number % 2 === 0 ? 0.7 : -0.5), 0.8), chanceOf(number), 4);
}
