import { pipeline } from 'node:stream/promises';
import { type paperRoutes as contract, scanFields } from '../../contract/paper.ts';
import { Refusal } from '../../domain/errors.ts';
import { isLanguage, type Language } from '../../domain/language.ts';
import { questionsOf } from '../../domain/terms.ts';
import { textsIn } from '../../language/catalogue.ts';
import { sheetWords } from '../../papers/sheets.ts';
import { assignScanPage } from '../../pipeline/paper/assign-scan-page.ts';
import { confirmSheet } from '../../pipeline/paper/confirm-sheet.ts';
import { getScanPage, listScanPages, type ScanPageView } from '../../pipeline/paper/list-scan-pages.ts';
import { openScanPicture } from '../../pipeline/paper/open-scan-picture.ts';
import { printSheets } from '../../pipeline/paper/print-sheets.ts';
import { readSheet } from '../../pipeline/paper/read-sheet.ts';
import { rejectScanPage } from '../../pipeline/paper/reject-scan-page.ts';
import { type TakenScan, takeScan } from '../../pipeline/paper/take-scan.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import type { Handlers } from '../mount.ts';
import { parse } from '../parse.ts';
import { receiveForm } from '../receive-form.ts';

type Own = keyof typeof contract;

export function paperRoutes(outside: Outside): Pick<Handlers, Own> {
  const told = async (id: string, language: Language) => toldPage((await getScanPage(outside, id)).view, language);
  return {
    async printSheets({ caller, params, body, res }) {
      const { everybody, again, twoSided, ...rest } = body;
      const wanted = { ...rest, isForEverybody: everybody, isAgain: again, isTwoSided: twoSided };
      const pdf = await printSheets(outside, caller, params.courseId, wanted, sheetWords);
      res.setHeader('Content-Type', 'application/pdf');
      res.setHeader('Content-Disposition', 'attachment; filename="emanet-sheets.pdf"');
      res.end(pdf);
    },
    async takeScan({ caller, req, res }) {
      let taken: TakenScan | undefined;
      await receiveForm(req, res, async ({ stream, fields, signal }) => {
        taken = await takeScan(outside, caller, { bytes: stream, signal, ...parse(scanFields, fields) });
      });
      if (!taken) throw new Refusal('NO_FILE');
      return taken;
    },
    async listScanPages({ relation, signedIn, query: { cursor, ...query }, language }) {
      const { items, next } = await listScanPages(outside, {
        ...query,
        teacherId: relation === 'own' ? signedIn.person.id : undefined,
        after: cursor,
      });
      return { items: items.map((item) => toldPage(item, language)), next };
    },
    async getScanPage({ params, language }) {
      const { view, terms } = await getScanPage(outside, params.scanPageId);
      const printed = view.sheet !== null && isLanguage(view.sheet.language) ? view.sheet.language : language;
      const { questions } = terms === null ? { questions: [] } : sheetWords.boxes(terms, printed);
      return {
        ...toldPage(view, language),
        questions: (terms === null ? [] : questionsOf(terms)).map((question, at) => ({
          ...question,
          text: questions[at] ?? '',
        })),
      };
    },
    async showScanPage({ caller, params, res }) {
      const source = await openScanPicture(outside, caller, params.scanPageId);
      try {
        // Made here out of pixels, so it is a picture and nothing else.
        res.setHeader('Content-Type', 'image/png');
        res.setHeader('Content-Disposition', 'inline; filename="page.png"');
        res.setHeader('Content-Length', String(source.bytes));
        await pipeline(source.read(0, source.bytes), res);
      } finally {
        source.close();
      }
    },
    async assignScanPage({ caller, params: { scanPageId }, body, relation, signedIn, language }) {
      const teacherId = relation === 'own' ? signedIn.person.id : undefined;
      await assignScanPage(outside, caller, scanPageId, body, teacherId);
      return told(scanPageId, language);
    },
    async readSheet({ caller, params: { scanPageId }, body, language }) {
      await readSheet(outside, caller, scanPageId, body);
      return told(scanPageId, language);
    },
    async confirmSheet({ caller, params: { scanPageId }, body, language }) {
      await confirmSheet(outside, caller, scanPageId, body.readAt, sheetWords);
      return told(scanPageId, language);
    },
    async rejectScanPage({ caller, params: { scanPageId }, body, language }) {
      await rejectScanPage(outside, caller, scanPageId, body.note);
      return told(scanPageId, language);
    },
  };
}

function toldPage(page: ScanPageView, language: Language) {
  const { scanFinding, scanPageState } = textsIn(language).labels;
  return {
    ...page,
    reading: page.reading && { ...page.reading, answers: [...page.reading.answers] },
    foundText: scanFinding[page.found],
    stateText: scanPageState[page.state],
  };
}
