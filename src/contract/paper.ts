import { z } from 'zod';
import { scanFindings, scanPageStates } from '../domain/scan-page.ts';
import { mostSheetPages } from '../domain/sheet-code.ts';
import { sheetAnswers } from '../domain/sheet-reading.ts';
import { courseParams } from './course.ts';
import { lessonKeepers, type Route } from './route.ts';
import { audience, id, maybeTime, plain, purpose, text, time, userId } from './values.ts';

const day = z.iso.date().meta({ description: 'A day in the school’s time zone' });

export const printSheets = z
  .object({
    office: text(200).meta({ description: 'Where a yes is taken back in person: a room, a telephone number' }),
    classId: id.optional().meta({ description: 'Only members of this class' }),
    participantId: id.optional().meta({ description: 'Only for this participant, whatever was answered so far' }),
    everybody: z.boolean().default(false).meta({ description: 'Also for those whom a mail reaches' }),
    again: z.boolean().default(false).meta({ description: 'Also for those who have a sheet: it went astray' }),
    twoSided: z.boolean().default(false),
  })
  .meta({ id: 'PrintSheets' });

export const scanFields = z.object({
  receivedOn: day.optional().meta({ description: 'When the papers came in; today by default' }),
});
const file = z
  .any()
  .meta({ override: { type: 'string', format: 'binary' }, description: 'PDF, JPEG or PNG, 200 MiB at most' });
const taken = z
  .object({
    scanId: id,
    pages: z.number(),
    assigned: z.number(),
    unassigned: z.number(),
    again: z.number().meta({ description: 'Pages that had been taken before' }),
  })
  .meta({ id: 'TakenScan' });

const sheetReading = z.object({
  answers: z.array(z.enum(sheetAnswers)).max(20).meta({ description: 'One for each question, in their order' }),
  isNoted: z.boolean().meta({ description: 'The box of the information is ticked' }),
  isConsented: z.boolean().meta({ description: 'The box of the consent is ticked' }),
  isSigned: z.boolean(),
  name: plain(200).meta({ description: 'As written beside the signature; empty: none' }),
  acceptsName: z
    .boolean()
    .default(false)
    .meta({ description: 'The name differs from the one on record, and is that person’s' }),
  writtenDate: day.nullable().meta({ description: 'As written; null: none, or none that can be read' }),
  receivedOn: day,
  wasBeforeLesson: z
    .boolean()
    .default(false)
    .meta({ description: 'It was here before the first lesson of that day began' }),
});
export const readSheet = sheetReading.meta({ id: 'ReadSheet', description: 'What a person types off a signed sheet' });

const scanPage = z
  .object({
    id,
    scanId: id,
    place: z.number().meta({ description: 'In the file, from 1' }),
    found: z.enum(scanFindings),
    foundText: z.string(),
    state: z.enum(scanPageStates),
    stateText: z.string(),
    receivedOn: z.string(),
    uploadedAt: time,
    sheet: z
      .object({
        id,
        code: z.string(),
        page: z.number(),
        pages: z.number(),
        courseId: id,
        courseTitle: z.string(),
        subject: z.string(),
        className: z.string().nullable(),
        signer: z.string(),
        language: z.string(),
      })
      .nullable()
      .meta({ description: 'Null: nobody knows yet whose page it is' }),
    reading: z.object({ ...sheetReading.shape, receivedOn: z.string(), writtenDate: z.string().nullable() }).nullable(),
    readAt: maybeTime,
    readById: userId.nullable(),
    readByName: z.string().nullable(),
    note: z.string().nullable(),
    permissionId: id.nullable(),
  })
  .meta({ id: 'ScanPage' });
const scanPageWithQuestions = scanPage
  .extend({
    questions: z
      .array(z.object({ purpose, audience: audience.nullable(), text: z.string() }))
      .meta({ description: 'As printed on the sheet, in its language' }),
  })
  .meta({ id: 'ScanPageWithQuestions' });

const scanPageParams = z.object({ scanPageId: id });
export const scanPageQuery = z.object({
  state: z.enum(scanPageStates).optional(),
  courseId: id.optional(),
  sheetId: id.optional().meta({ description: 'Only pages of this sheet' }),
  cursor: id.optional().meta({ description: '`next` of the answer before' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const assignScanPage = z.object({
  code: text(60).meta({ description: 'The letters below the code on the paper' }),
  page: z.int().min(1).max(mostSheetPages),
});
export const confirmSheet = z.object({
  readAt: z.iso
    .datetime({ offset: true })
    .max(40)
    .transform((value) => new Date(value))
    .meta({ description: '`readAt` of the reading that you compared with the picture' }),
});
export const rejectScanPage = z.object({ note: text(1000) });

const tag = 'Paper';
const owner = 'scanPage';

export const paperRoutes = {
  printSheets: {
    method: 'post',
    path: '/api/courses/:courseId/sheets',
    tag,
    summary: 'Print sheets to be signed, for whom no mail reaches; who has a sheet gets no second one',
    access: lessonKeepers,
    scope: null,
    limit: 'sheets',
    owner: 'course',
    params: courseParams,
    body: printSheets,
    status: 200,
    answerType: 'application/pdf',
  },
  takeScan: {
    method: 'post',
    path: '/api/scans',
    tag,
    summary: 'Take signed sheets in; every page finds its sheet or waits for a person to assign it',
    access: lessonKeepers,
    scope: null,
    limit: 'scan',
    form: scanFields.extend({ file }),
    status: 200,
    answer: taken,
  },
  listScanPages: {
    method: 'get',
    path: '/api/scan-pages',
    tag,
    summary: 'Pages of scans that I may see, the oldest first',
    access: lessonKeepers,
    scope: 'read',
    query: scanPageQuery,
    status: 200,
    answer: z.object({ items: z.array(scanPage), next: z.string().nullable() }),
  },
  getScanPage: {
    method: 'get',
    path: '/api/scan-pages/:scanPageId',
    tag,
    summary: 'One page, with the questions of its sheet',
    access: lessonKeepers,
    scope: 'read',
    owner,
    params: scanPageParams,
    status: 200,
    answer: scanPageWithQuestions,
  },
  showScanPage: {
    method: 'get',
    path: '/api/scan-pages/:scanPageId/picture',
    tag,
    summary: 'Picture of a page; showing it is on the log',
    access: lessonKeepers,
    scope: null,
    limit: 'look',
    owner,
    params: scanPageParams,
    status: 200,
    answerType: 'image/png',
  },
  assignScanPage: {
    method: 'put',
    path: '/api/scan-pages/:scanPageId/sheet',
    tag,
    summary: 'Say by the letters below its code which sheet a page is of',
    access: lessonKeepers,
    scope: null,
    limit: 'look',
    owner,
    params: scanPageParams,
    body: assignScanPage,
    status: 200,
    answer: scanPage,
  },
  readSheet: {
    method: 'put',
    path: '/api/scan-pages/:scanPageId/reading',
    tag,
    summary: 'Type what is ticked, the name and the date; another person confirms it',
    access: lessonKeepers,
    scope: null,
    owner,
    params: scanPageParams,
    body: readSheet,
    status: 200,
    answer: scanPage,
  },
  confirmSheet: {
    method: 'post',
    path: '/api/scan-pages/:scanPageId/confirm',
    tag,
    summary: 'Confirm as another person what was read: it is an answer now',
    access: lessonKeepers,
    scope: null,
    owner,
    params: scanPageParams,
    body: confirmSheet,
    status: 200,
    answer: scanPage,
  },
  rejectScanPage: {
    method: 'post',
    path: '/api/scan-pages/:scanPageId/reject',
    tag,
    summary: 'Put a page aside: it is no answer',
    access: lessonKeepers,
    scope: null,
    owner,
    params: scanPageParams,
    body: rejectScanPage,
    status: 200,
    answer: scanPage,
  },
} as const satisfies Record<string, Route>;
