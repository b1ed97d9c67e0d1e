import { z } from 'zod';
import { removalWays } from '../domain/attendance/remove-person.ts';
import { captionsSources } from '../domain/captions/source.ts';
import { checkStates, recordingStates, renditionStates } from '../domain/lifecycle.ts';
import { change, erasure, fate, reSeal } from './fate.ts';
import { lessonParams } from './lesson.ts';
import { administrator, KiB, lessonReaders, list, next, type Route, renditionViewers, reviewers } from './route.ts';
import {
  audience,
  cursor,
  decisionKind,
  flag,
  ground,
  id,
  listOf,
  pageLimit,
  plain,
  reason,
  recordingState,
  region,
  time,
  userId,
} from './values.ts';

/** ISO 639 in its shortest form; und: not known. */
export const captionsLanguage = z
  .string()
  .max(3)
  .regex(/^[a-z]{2,3}$/);

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
  captionsLanguage: captionsLanguage.optional().meta({ description: 'Language of the captions that come along' }),
});
export const uploadForm = uploadFields.extend({
  file: z.any().meta({ override: { type: 'string', format: 'binary' }, description: 'The recording, audio or video' }),
  captions: z
    .any()
    .meta({ override: { type: 'string', format: 'binary' }, description: 'Its captions: WebVTT or SubRip (SRT)' })
    .optional(),
});

const warning = z.object({ code: z.string(), text: z.string() });
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

const stretch = z.object({ startMs: z.number(), endMs: z.number() }).meta({ id: 'Stretch' });
export const coverage = z
  .object({
    reviewerId: userId,
    reviewerName: z.string(),
    playedMs: z.number(),
    missing: z.array(stretch).meta({ description: 'What was not played, in order of time' }),
  })
  .meta({
    id: 'Coverage',
    description: 'What of the original a reviewer has played, as the page of the reviewer says',
  });

const removalView = z
  .object({
    personId: id,
    name: z.string().nullable(),
    how: z.enum(removalWays),
    why: z.string(),
    tiles: z
      .enum(checkStates)
      .nullable()
      .meta({ description: 'The search for where they are seen; null: nothing of theirs is covered' }),
    parts: z.number(),
    open: z.number().meta({ description: 'Parts that nobody has decided' }),
    confirmedBy: z.array(z.string()).meta({
      description: 'Who decided their parts. With none open the recording is without them as far as these confirmed',
    }),
  })
  .meta({ id: 'Removal' });

export const recordingSummary = z
  .object({
    id,
    lessonId: id,
    lessonTitle: z.string(),
    state: recordingState,
    stateCodes: z
      .array(z.string())
      .meta({ description: 'Why it is so: codes of the gate, of retention, of a decision' }),
    stateNote: z.string().nullable().meta({ description: 'Why, in the words of whoever rejected it' }),
    fileName: z.string().nullable(),
    mediaType: z.string().nullable(),
    bytes: z.number(),
    durationMs: z.number().nullable(),
    createdAt: time,
    openSegments: z.number(),
    check: z.object({
      state: z.enum(checkStates),
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
        state: z.enum(renditionStates),
        doneMs: z.number().nullable(),
        error: z.string().nullable(),
        hasCaptions: z.boolean().nullable().meta({ description: 'Null: it is not made yet' }),
      })
      .nullable(),
    coverage: z.array(coverage).meta({ description: 'Of each reviewer; empty for a teacher' }),
    looksUpAt: z.string().nullable().meta({ description: 'The list of music elsewhere that may be asked; null: none' }),
    removals: z.array(removalView).meta({ description: 'Who goes from it because no permission covers them; by name' }),
    captions: z.array(
      z.object({
        id,
        language: z.string(),
        label: z.string(),
        version: z.number(),
        source: z.enum(captionsSources),
        cues: z.number(),
        showsSpeakers: z.boolean(),
      }),
    ),
    captionsNote: z
      .string()
      .nullable()
      .meta({ description: 'Says that the rendition, or before it is made the recording, has no captions' }),
    release: z.object({ id, audience, endsAt: time, releasedAt: time }).nullable(),
    fate: fate.nullable().meta({ description: 'When it will be erased and why; null when it is' }),
    erasure: erasure.nullable(),
    erasureAsked: change.nullable().meta({ description: 'It waits to be erased; set until it is, or is called back' }),
    reSeal: reSeal.nullable(),
  })
  .meta({ id: 'Recording' });
export const uploadedRecording = recording.extend({
  captionsRefused: z
    .object({ code: z.string(), reasons: z.array(reason) })
    .nullable()
    .meta({ description: 'Why the captions that came along were not taken; the recording was' }),
});
export const recordingParams = z.object({ recordingId: id });
export const recordingsQuery = z.object({
  state: listOf(recordingStates).optional().meta({ description: 'Recording states, with commas between' }),
  lessonId: id.optional(),
  words: plain(200).optional().meta({ description: 'Words of the title of the lesson' }),
  open: flag.optional().meta({ description: 'true: only those with a segment that waits for a decision' }),
  cursor: cursor.optional(),
  limit: pageLimit.optional().meta({ description: 'Default: 500' }),
});

export const outline = z
  .object({
    hasPlaylist: z.boolean().meta({ description: 'Renditions from before there were playlists have none' }),
    durationMs: z.number().nullable(),
    chaptersMs: z.array(z.number()).meta({ description: 'Where chapters begin; they have no titles' }),
    subtitles: z.array(
      z.object({
        track: z.number(),
        language: z.string().nullable(),
        label: z.string().meta({ description: 'The language in its own words' }),
      }),
    ),
    captionsNote: z.string().nullable().meta({ description: 'Says that there are no captions; null: there are' }),
  })
  .meta({ id: 'Outline', description: 'What a player may offer of a rendition' });
export const track = z.coerce.number().int().min(0).max(63);
export const renditionTrackParams = recordingParams.extend({ track });
export const file = z.string().meta({ description: 'As the archive names it' });

export const exportRecording = z
  .object({
    format: z.enum(['openpgp', 'gnupg', 'media']).default('openpgp').meta({
      description: 'openpgp: the sealed file; gnupg: encrypted again, for a recipient; media: in the clear',
    }),
    recipient: plain(100_000).optional().meta({ description: 'An armored public key to encrypt to' }),
  })
  .meta({ id: 'ExportRecording' });

export const recordingRoutes = {
  uploadRecording: {
    method: 'post',
    path: '/api/lessons/:lessonId/recordings',
    tag: 'Recordings',
    summary: 'Upload a recording. The gate is asked before a byte of it is read',
    access: { to: { teacher: 'own', administrator: 'any' } },
    scope: 'write',
    limit: 'upload',
    owner: 'lesson',
    params: lessonParams,
    form: uploadForm,
    status: 201,
    answer: uploadedRecording,
  },
  listRecordings: {
    method: 'get',
    path: '/api/recordings',
    tag: 'Recordings',
    summary: 'Recordings that I may see',
    access: lessonReaders,
    scope: 'read',
    query: recordingsQuery,
    status: 200,
    answer: list(recordingSummary).extend({ next }),
  },
  getRecording: {
    method: 'get',
    path: '/api/recordings/:recordingId',
    tag: 'Recordings',
    summary: 'One recording with its segments',
    access: lessonReaders,
    scope: 'read',
    owner: 'recording',
    params: recordingParams,
    status: 200,
    answer: recording,
  },
  getOriginal: {
    method: 'get',
    path: '/api/recordings/:recordingId/media',
    tag: 'Recordings',
    summary: 'Play the original, for review',
    access: reviewers,
    scope: null,
    owner: 'recording',
    params: recordingParams,
    status: 200,
    answerType: 'video/mp4',
  },
  exportRecording: {
    method: 'post',
    path: '/api/recordings/:recordingId/export',
    tag: 'Recordings',
    summary: 'Take the original away as one file; each export is on the log',
    access: administrator,
    scope: null,
    limit: 'export',
    confirmed: true,
    owner: 'recording',
    params: recordingParams,
    body: exportRecording,
    bodyBytes: 256 * KiB,
    status: 200,
    answerType: 'application/pgp-encrypted',
  },
  getRendition: {
    method: 'get',
    path: '/api/recordings/:recordingId/rendition',
    tag: 'Recordings',
    summary: 'Play the rendition that would be released',
    access: renditionViewers,
    scope: null,
    owner: 'recording',
    params: recordingParams,
    status: 200,
    answerType: 'video/mp4',
  },
  getRenditionPlaylist: {
    method: 'get',
    path: '/api/recordings/:recordingId/rendition/playlist.m3u8',
    tag: 'Recordings',
    summary: 'HLS playlist over the ranges of the rendition',
    access: renditionViewers,
    scope: null,
    owner: 'recording',
    params: recordingParams,
    status: 200,
    answerType: 'application/vnd.apple.mpegurl',
  },
  getRenditionOutline: {
    method: 'get',
    path: '/api/recordings/:recordingId/rendition/outline',
    tag: 'Recordings',
    summary: 'Chapters and subtitles of the rendition',
    access: renditionViewers,
    scope: null,
    owner: 'recording',
    params: recordingParams,
    status: 200,
    answer: outline,
  },
  getRenditionSubtitles: {
    method: 'get',
    path: '/api/recordings/:recordingId/rendition/subtitles/:track',
    tag: 'Recordings',
    summary: 'Subtitles of the rendition, WebVTT',
    access: renditionViewers,
    scope: null,
    owner: 'recording',
    params: renditionTrackParams,
    status: 200,
    answerType: 'text/vtt',
  },
} as const satisfies Record<string, Route>;
