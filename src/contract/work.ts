import { z } from 'zod';
import { type RankedSource, rankedSources, workKinds } from '../domain/detection-rules.ts';
import { watchedKinds } from '../domain/watched-names.ts';
import { file } from './recording.ts';
import { administrator, KiB, list, MiB, type Route } from './route.ts';
import { id, plain, reason, text, time } from './values.ts';

export const detectionRules = z
  .object({
    watchedNames: z
      .array(z.object({ name: plain(100).trim().min(2), kind: z.enum(watchedKinds) }))
      .max(1_000)
      .readonly()
      .meta({ description: 'Names that are pointed at when they are read in a picture' }),
    least: z
      .object(
        Object.fromEntries(rankedSources.map((source) => [source, z.number().min(0).max(0.95)])) as Record<
          RankedSource,
          z.ZodNumber
        >,
      )
      .meta({ description: 'Findings that are less sure than this are left out' }),
    gapMs: z.int().min(0).max(60_000).meta({ description: 'Findings this close together are one segment' }),
  })
  .meta({ id: 'DetectionRules' });
export const changeDetectionRules = z.object({
  watchedNames: detectionRules.shape.watchedNames.optional(),
  least: detectionRules.shape.least.partial().optional(),
  gapMs: detectionRules.shape.gapMs.optional(),
});

const identifier = (pattern: RegExp, description: string) =>
  z.string().max(60).trim().regex(pattern).meta({ description });
export const registerWorkFields = z.object({
  title: text(300),
  rightsHolder: text(300),
  licence: text(200).optional().meta({ description: 'SPDX or Creative Commons name, or words' }),
  terms: z
    .url({ protocol: /^https?$/ })
    .max(500)
    .optional()
    .meta({
      description: 'Where the terms stand: a RightsStatements.org URI or another page',
      example: 'http://rightsstatements.org/vocab/InC/1.0/',
    }),
  isrc: identifier(/^[A-Z]{2}-?[A-Z0-9]{3}-?\d{2}-?\d{5}$/i, 'ISRC (ISO 3901)').optional(),
  iswc: identifier(/^T-?\d{3}\.?\d{3}\.?\d{3}-?\d$/i, 'ISWC (ISO 15707)').optional(),
  eidr: identifier(/^10\.\d{4}\/([0-9A-F]{4}-){5}[0-9A-Z]$/i, 'EIDR (ISO 26324)').optional(),
  isbn: identifier(/^(97[89][- ]?)?(\d[- ]?){9}[\dX]$/i, 'ISBN (ISO 2108)').optional(),
  validFrom: z.iso.date().optional(),
  validUntil: z.iso.date().optional(),
});
export const registerWorkForm = registerWorkFields.extend({
  file: z.any().meta({ override: { type: 'string', format: 'binary' } }),
});
export const work = z
  .object({
    id,
    title: z.string(),
    rightsHolder: z.string(),
    kind: z.enum(workKinds),
    identifiers: z.record(z.string(), z.string()),
    licence: z.string().nullable(),
    terms: z.string().nullable(),
    validFrom: z.string().nullable(),
    validUntil: z.string().nullable(),
    durationMs: z.number(),
    pages: z.number().nullable().meta({ description: 'Of a PDF' }),
    createdAt: time,
  })
  .meta({ id: 'Work' });
export const registeredWork = work
  .extend({
    known: z
      .boolean()
      .meta({ description: 'The file was registered before; what is said of it is brought up to date' }),
  })
  .meta({ id: 'RegisteredWork' });
export const maybeEmpty = registerWorkFields.partial().omit({ title: true });
export const importWorksForm = maybeEmpty.extend({
  file: z.any().meta({ override: { type: 'string', format: 'binary' }, description: 'A ZIP archive' }),
});
export const importLine = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('begun'), files: z.number() }),
    z.object({ kind: z.enum(['registered', 'known']), file, work: registeredWork }),
    z.object({ kind: z.literal('failed'), file, code: z.string(), reasons: z.array(reason) }),
    z.object({ kind: z.literal('ended'), registered: z.number(), known: z.number(), failed: z.number() }),
  ])
  .meta({
    id: 'ImportLine',
    description: 'begun, then one for each file, then ended; without that the import broke off',
  });
export const readWorkList = z
  .object({ text: plain(1_000_000).meta({ description: 'works.csv: columns file, title, rightsHolder, …' }) })
  .meta({ id: 'ReadWorkList' });
const cell = z.string().optional();
export const workRow = z
  .object({
    file: z.string(),
    title: cell,
    ...(Object.fromEntries(Object.keys(maybeEmpty.shape).map((name) => [name, cell])) as Record<
      keyof typeof maybeEmpty.shape,
      typeof cell
    >),
  })
  .meta({ id: 'WorkRow', description: 'What a list says of one file, as it is written there' });

export const workRoutes = {
  listWorks: {
    method: 'get',
    path: '/api/works',
    tag: 'Works',
    summary: 'Registered third-party works',
    access: { to: { reviewer: 'any', administrator: 'any' } },
    scope: 'read',
    status: 200,
    answer: list(work),
  },
  registerWork: {
    method: 'post',
    path: '/api/works',
    tag: 'Works',
    summary: 'Register a work from a file: sound, film, picture or PDF; only prints of it are kept',
    access: { to: { reviewer: 'any', administrator: 'any' } },
    scope: 'write',
    limit: 'works',
    form: registerWorkForm,
    status: 201,
    answer: registeredWork,
  },
  importWorks: {
    method: 'post',
    path: '/api/works/import',
    tag: 'Works',
    summary: 'Register every file of a ZIP archive as a work; answers lines of JSON while it goes on',
    access: { to: { reviewer: 'any', administrator: 'any' } },
    scope: 'write',
    limit: 'works',
    form: importWorksForm,
    status: 200,
    answerType: 'application/jsonl',
    line: importLine,
  },
  readWorkList: {
    method: 'post',
    path: '/api/works/list',
    tag: 'Works',
    summary: 'Read a list of works (works.csv) for files that are registered one by one; changes nothing',
    access: { to: { reviewer: 'any', administrator: 'any' } },
    scope: 'read',
    body: readWorkList,
    bodyBytes: 2 * MiB,
    status: 200,
    answer: list(workRow),
  },

  getDetectionRules: {
    method: 'get',
    path: '/api/detection',
    tag: 'Works',
    summary: 'What is looked for in recordings',
    access: { to: { reviewer: 'any', administrator: 'any' } },
    scope: 'read',
    status: 200,
    answer: detectionRules,
  },
  changeDetectionRules: {
    method: 'patch',
    path: '/api/detection',
    tag: 'Works',
    summary: 'Change what is looked for in recordings that are checked from now on',
    access: administrator,
    scope: null,
    body: changeDetectionRules,
    bodyBytes: 256 * KiB,
    status: 200,
    answer: detectionRules,
  },
  resetDetectionRules: {
    method: 'delete',
    path: '/api/detection',
    tag: 'Works',
    summary: 'Look for what is looked for as delivered',
    access: administrator,
    scope: null,
    status: 200,
    answer: detectionRules,
  },
} as const satisfies Record<string, Route>;

export const importWorksFields = maybeEmpty.meta({
  description: 'What holds for every file that works.csv in the archive does not say otherwise of',
});
