import { z } from 'zod';
import { mostCueLetters, mostCues, mostSpeakerLetters } from '../domain/captions/cue.ts';
import { captionsNoticeCodes } from '../domain/captions/notice.ts';
import { captionsFormats } from '../domain/captions/parse-captions.ts';
import { captionsSources } from '../domain/captions/source.ts';
import { captionsLanguage, recordingParams } from './recording.ts';
import { lessonReaders, list, MiB, type Route, uploaders } from './route.ts';
import { uploadParams } from './upload.ts';
import { id, offsetMs, plain, time, userId } from './values.ts';

const versionNumber = z.int().min(1).max(1_000_000);
/** Of a form or an address, where everything is text. */
const versionInText = z.coerce.number().int().min(1).max(1_000_000);
/** Form fields of a file of captions. They stand before the file in the form. */
export const captionsFields = z.object({
  language: captionsLanguage
    .optional()
    .meta({ description: 'ISO 639, such as tr. Default: what the file says of itself, otherwise und' }),
  replaces: versionInText
    .optional()
    .meta({ description: 'The version in force, when the language has captions: the file takes its place' }),
});
const captionsForm = captionsFields.extend({
  file: z.any().meta({ override: { type: 'string', format: 'binary' }, description: 'WebVTT or SubRip (SRT)' }),
});
const takenCaptions = z
  .object({
    id,
    version: z.number(),
    cues: z.number(),
    notices: z
      .array(z.object({ code: z.enum(captionsNoticeCodes), count: z.number(), text: z.string() }))
      .meta({ description: 'What was put right' }),
  })
  .meta({ id: 'TakenCaptions' });
const captions = z
  .object({
    id,
    language: z.string(),
    label: z.string().meta({ description: 'The language in its own words' }),
    version: z.number().nullable().meta({ description: 'The version in force; null: they were removed' }),
    versions: z.array(
      z.object({
        number: z.number(),
        source: z.enum(captionsSources),
        sourceText: z.string(),
        format: z.enum(captionsFormats).nullable(),
        showsSpeakers: z.boolean(),
        cues: z.number(),
        createdById: userId.nullable().meta({ description: 'Null: the check, out of the recording itself' }),
        createdAt: time,
      }),
    ),
  })
  .meta({ id: 'Captions' });
const cue = z
  .object({
    startMs: offsetMs,
    endMs: offsetMs,
    text: plain(mostCueLetters),
    speaker: plain(mostSpeakerLetters).nullable().default(null),
  })
  .meta({ id: 'Cue' });
const captionsText = captions
  .extend({
    shown: z.number().meta({ description: 'The version whose text this is' }),
    showsSpeakers: z.boolean().meta({ description: 'Whether a viewer reads who speaks' }),
    cues: z.array(cue),
  })
  .meta({ id: 'CaptionsText' });
/** Any text: a language without captions is not found. */
const captionsParams = recordingParams.extend({ language: plain(40) });
const captionsQuery = z.object({ version: versionInText.optional() });
const changeCaptions = z
  .object({
    version: versionNumber.meta({ description: 'The version that was read; another one in force is a conflict' }),
    showsSpeakers: z.boolean().default(false),
    cues: z.array(cue).max(mostCues),
  })
  .meta({ id: 'ChangeCaptions' });
const undoCaptions = z
  .object({
    version: versionNumber.nullable().meta({ description: 'The version that was in force; null: they were removed' }),
    to: versionNumber,
  })
  .meta({ id: 'UndoCaptions' });
const removeCaptions = z.object({ version: versionInText });

const tag = 'Captions';
const owner = 'recording';

export const captionsRoutes = {
  takeCaptions: {
    method: 'post',
    path: '/api/recordings/:recordingId/captions',
    tag,
    summary: 'Take the captions of a meeting tool. What was cleared goes back to review',
    access: lessonReaders,
    scope: 'write',
    limit: 'upload',
    owner,
    params: recordingParams,
    form: captionsForm,
    status: 201,
    answer: takenCaptions,
  },
  attachCaptions: {
    method: 'post',
    path: '/api/uploads/:uploadId/captions',
    tag,
    summary: 'Take captions for an upload on its way: they belong to the recording that it becomes',
    access: uploaders,
    scope: 'write',
    limit: 'upload',
    owner: 'upload',
    params: uploadParams,
    form: captionsForm,
    status: 201,
    answer: takenCaptions,
  },
  listCaptions: {
    method: 'get',
    path: '/api/recordings/:recordingId/captions',
    tag,
    summary: 'Captions of a recording by language, with their versions and without their text',
    access: lessonReaders,
    scope: 'read',
    owner,
    params: recordingParams,
    status: 200,
    answer: list(captions),
  },
  getCaptions: {
    method: 'get',
    path: '/api/recordings/:recordingId/captions/:language',
    tag,
    summary: 'The text of captions; reading it is on the log',
    access: lessonReaders,
    scope: null,
    limit: 'look',
    owner,
    params: captionsParams,
    query: captionsQuery,
    status: 200,
    answer: captionsText,
  },
  changeCaptions: {
    method: 'put',
    path: '/api/recordings/:recordingId/captions/:language',
    tag,
    summary: 'Correct text and times. What was cleared goes back to review',
    access: lessonReaders,
    scope: null,
    limit: 'look',
    owner,
    params: captionsParams,
    body: changeCaptions,
    mostItems: mostCues,
    bodyBytes: 8 * MiB,
    status: 200,
    answer: captions,
  },
  undoCaptions: {
    method: 'post',
    path: '/api/recordings/:recordingId/captions/:language/undo',
    tag,
    summary: 'Go back to a version, or forward again. What was cleared goes back to review',
    access: lessonReaders,
    scope: null,
    limit: 'look',
    owner,
    params: captionsParams,
    body: undoCaptions,
    status: 200,
    answer: captions,
  },
  removeCaptions: {
    method: 'delete',
    path: '/api/recordings/:recordingId/captions/:language',
    tag,
    summary: 'Remove the captions of a language; it can be undone. What was cleared goes back to review',
    access: lessonReaders,
    scope: null,
    limit: 'look',
    owner,
    params: captionsParams,
    query: removeCaptions,
    status: 200,
    answer: captions,
  },
} as const satisfies Record<string, Route>;
