import { z } from 'zod';
import { type RankedSource, rankedSources } from '../domain/detection-rules.ts';
import { watchedKinds } from '../domain/watched-names.ts';
import { change, erasure, fate, reSeal } from './retention.ts';
import {
  audience,
  decisionKind,
  ground,
  id,
  instant,
  maybeTime,
  offsetMs,
  plain,
  reason,
  recordingState,
  region,
  text,
  time,
  userId,
} from './values.ts';

/** Form fields of an upload. They stand before the file in the form. */
export const uploadFields = z.object({
  bytes: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 50)
    .optional()
    .meta({ description: 'Declared size of the file; what arrives has to match' }),
  sha256: z
    .string()
    .max(64)
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .meta({ description: 'Declared digest of the file, hexadecimal; what arrives has to match' }),
});
export const uploadForm = uploadFields.extend({
  file: z.any().meta({ override: { type: 'string', format: 'binary' }, description: 'The recording, audio or video' }),
});

export const uploadParams = z.object({ uploadId: id });
export const upload = z
  .object({
    id: id.meta({ description: 'Also the id of the recording that it becomes' }),
    lessonId: id,
    lessonTitle: z.string(),
    state: z.enum(['receiving', 'sealing', 'failed', 'sealed']),
    bytes: z.number(),
    offset: z.number().meta({ description: 'Every byte before it is encrypted and stored' }),
    sealedShare: z.number().meta({ description: 'How far the sealing is, 0 to 1' }),
    fileName: z.string().nullable(),
    fileModifiedAt: maybeTime.meta({ description: 'What the sender said: who goes on compares' }),
    createdAt: time,
    expiresAt: maybeTime.meta({ description: 'It is swept away when nothing arrives until then' }),
    code: z.string().nullable(),
    reasons: z.array(reason),
  })
  .meta({ id: 'Upload' });

const warning = z.object({ code: z.string(), detail: z.string() });
const decision = z
  .object({
    kind: decisionKind,
    ground: ground.nullable(),
    note: z.string().nullable(),
    region: region.nullable(),
    startMs: z.number().nullable().meta({ description: 'Where the reviewer moved it; null: where the segment begins' }),
    endMs: z.number().nullable(),
    decidedById: userId,
    decidedAt: time,
  })
  .meta({ id: 'Decision' });
const finding = z
  .object({
    source: z.string(),
    startMs: z.number(),
    endMs: z.number(),
    title: z.string().nullable(),
    rightsHolder: z.string().nullable(),
    workId: id.nullable(),
    page: z
      .number()
      .nullable()
      .meta({ description: 'Which page of its work is shown, counted from 1; null: no page is' }),
    confidence: z.number(),
    evidence: z.unknown(),
  })
  .meta({ id: 'Finding' });
export const segment = z
  .object({
    id,
    source: z.string().meta({ description: 'Of its leading finding, as are title, rights holder and confidence' }),
    startMs: z.number(),
    endMs: z.number(),
    title: z.string().nullable(),
    rightsHolder: z.string().nullable(),
    claimedGround: ground.nullable(),
    confidence: z.number(),
    findings: z.array(finding).meta({ description: 'What pointed at it, the leading one first' }),
    declaredBy: z
      .array(z.object({ segmentId: id, title: z.string().nullable(), claimedGround: ground.nullable() }))
      .meta({ description: 'Declared segments that cover it' }),
    decision: decision.nullable(),
  })
  .meta({ id: 'Segment' });

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

export const recordingSummary = z
  .object({
    id,
    lessonId: id,
    lessonTitle: z.string(),
    state: recordingState,
    stateReason: z.string().nullable(),
    fileName: z.string().nullable(),
    mediaType: z.string().nullable(),
    bytes: z.number(),
    durationMs: z.number().nullable(),
    createdAt: time,
    openSegments: z.number(),
    check: z.object({
      state: z.enum(['waiting', 'running', 'done', 'failed']),
      doneMs: z.number().nullable(),
      error: z.string().nullable(),
    }),
  })
  .meta({ id: 'RecordingSummary' });
export const recording = recordingSummary
  .extend({
    uploaderId: userId,
    analysedDurationMs: z.number().nullable(),
    mediaSha256: z.string().nullable(),
    warnings: z.array(warning),
    clearedById: userId.nullable(),
    approvedById: userId.nullable(),
    segments: z.array(segment),
    rendition: z
      .object({
        id,
        state: z.enum(['making', 'ready', 'failed']),
        doneMs: z.number().nullable(),
        error: z.string().nullable(),
      })
      .nullable(),
    release: z.object({ id, audience, endsAt: time, releasedAt: time }).nullable(),
    fate: fate.nullable().meta({ description: 'When it will be erased and why; null when it is' }),
    erasure: erasure.nullable(),
    erasureAsked: change.nullable().meta({ description: 'It waits to be erased; set until it is, or is called back' }),
    reSeal: reSeal.nullable(),
  })
  .meta({ id: 'Recording' });
export const recordingParams = z.object({ recordingId: id });
export const recordingsQuery = z.object({ state: recordingState.optional(), lessonId: id.optional() });

export const declareSegment = z
  .object({
    title: text(300),
    rightsHolder: text(300).optional(),
    startMs: offsetMs.min(0),
    endMs: offsetMs.min(1),
    ground: ground.optional(),
    note: text(2000).optional(),
  })
  .refine((s) => s.startMs < s.endMs, { path: ['endMs'], message: 'must be after startMs' })
  .meta({ id: 'DeclareSegment' });
export const decide = z
  .object({
    kind: decisionKind,
    ground: ground.optional(),
    note: text(2000).optional(),
    region: region.optional().meta({ description: 'For black_out (the whole picture without one) and blur' }),
    startMs: offsetMs
      .min(0)
      .optional()
      .meta({ description: 'Where the decision begins, if not where its segment does' }),
    endMs: offsetMs.min(1).optional(),
  })
  .meta({ id: 'Decide' });
export const segmentParams = z.object({ segmentId: id });
export const rejectBody = z.object({ why: text(2000) });

export const releaseBody = z.object({ audience, endsAt: instant }).meta({ id: 'ReleaseRecording' });
export const release = z
  .object({
    id,
    recordingId: id,
    audience,
    endsAt: time,
    releasedAt: time,
    endedAt: maybeTime,
    endedWhy: z.string().nullable(),
  })
  .meta({ id: 'Release' });
export const releaseParams = z.object({ releaseId: id });
export const createLink = z.object({ viewerName: text(200), expiresAt: instant.optional() });
export const link = z
  .object({ id, releaseId: id, viewerName: z.string(), createdAt: time, expiresAt: time, revokedAt: maybeTime })
  .meta({ id: 'ViewerLink' });
export const newLink = link
  .extend({ token: z.string(), url: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'NewViewerLink' });
export const linkParams = z.object({ linkId: id });
export const openLink = z.object({ token: z.string().min(20).max(100) });
export const openedLink = z.object({ linkId: id }).meta({
  id: 'OpenedLink',
  description: 'The media is at /media/{linkId}, for whoever sends the cookie that came with this answer',
});
export const viewerParams = z.object({ linkId: id });

export const outline = z
  .object({
    hasPlaylist: z.boolean().meta({ description: 'Renditions from before there were playlists have none' }),
    durationMs: z.number().nullable(),
    chaptersMs: z.array(z.number()).meta({ description: 'Where chapters begin; they have no titles' }),
    subtitles: z.array(z.object({ track: z.number(), language: z.string().nullable() })),
  })
  .meta({ id: 'Outline', description: 'What a player may offer of a rendition' });
const track = z.coerce.number().int().min(0).max(63);
export const renditionTrackParams = recordingParams.extend({ track });
export const viewerTrackParams = viewerParams.extend({ track });

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
    kind: z.enum(['sound', 'film', 'picture', 'pages']),
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
const maybeEmpty = registerWorkFields.partial().omit({ title: true });
export const importWorksFields = maybeEmpty.meta({
  description: 'What holds for every file that works.csv in the archive does not say otherwise of',
});
export const importWorksForm = maybeEmpty.extend({
  file: z.any().meta({ override: { type: 'string', format: 'binary' }, description: 'A ZIP archive' }),
});
const file = z.string().meta({ description: 'As the archive names it' });
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
export const documentForm = z.object({ file: z.any().meta({ override: { type: 'string', format: 'binary' } }) });

export const exportRecording = z
  .object({
    format: z.enum(['openpgp', 'gnupg', 'media']).default('openpgp').meta({
      description: 'openpgp: the sealed file; gnupg: encrypted anew, for a recipient; media: in the clear',
    }),
    recipient: plain(100_000).optional().meta({ description: 'An armored public key to encrypt to' }),
  })
  .meta({ id: 'ExportRecording' });
