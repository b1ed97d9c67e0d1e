import { z } from 'zod';
import { mostStretchesAtOnce } from '../domain/coverage.ts';
import { coverage, recording, recordingParams } from './recording.ts';
import { type Route, reviewers } from './route.ts';
import { because, decisionKind, ground, id, offsetMs, region, text } from './values.ts';

export const declareSegment = z
  .object({
    title: text(300),
    rightsHolder: text(300).optional(),
    startMs: offsetMs.min(0),
    endMs: offsetMs.min(1),
    ground: ground.optional(),
    note: text(2000).optional(),
  })
  .refine((s) => s.startMs < s.endMs, { path: ['endMs'], message: because('ENDS_BEFORE_START') })
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
const lookedUp = z
  .object({
    host: z.string(),
    found: z.array(
      z.object({
        score: z.number(),
        title: z.string(),
        artists: z.array(z.string()).readonly(),
        recordingId: id.meta({ description: 'MusicBrainz identifier of the recording' }),
      }),
    ),
  })
  .meta({ id: 'LookedUp', description: 'What a list of music elsewhere knows, best first; kept nowhere' });
export const segmentParams = z.object({ segmentId: id });
export const putCoverage = z.object({
  intervals: z
    .array(
      z
        .object({ startMs: offsetMs, endMs: offsetMs.min(1) })
        .refine((one) => one.startMs < one.endMs, { path: ['endMs'], message: because('ENDS_BEFORE_START') }),
    )
    .max(mostStretchesAtOnce)
    .meta({ description: 'What was played; added to what is there' }),
});
export const waveform = z
  .object({
    durationMs: z.number().meta({ description: 'Of what could be decoded' }),
    stepMs: z.number(),
    peaks: z.array(z.number()).meta({ description: 'The loudest moment of each step, 0 to 100; at most 4000' }),
  })
  .meta({ id: 'Waveform' });
export const rejectBody = z.object({
  why: text(2000).meta({ description: 'Stands on the recording and, for good, on the log: name nobody in it' }),
});

export const reviewRoutes = {
  declareSegment: {
    method: 'post',
    path: '/api/recordings/:recordingId/segments',
    tag: 'Review',
    summary: 'Declare third-party material',
    access: { to: { teacher: 'own', reviewer: 'any' } },
    scope: 'write',
    owner: 'recording',
    params: recordingParams,
    body: declareSegment,
    status: 201,
    answer: recording,
  },
  checkAgain: {
    method: 'post',
    path: '/api/recordings/:recordingId/check',
    tag: 'Review',
    summary: 'Run the third-party check again',
    access: { to: { reviewer: 'any', administrator: 'any' } },
    scope: 'write',
    limit: 'check',
    owner: 'recording',
    params: recordingParams,
    status: 202,
    answer: recording,
  },
  decideSegment: {
    method: 'post',
    path: '/api/segments/:segmentId/decisions',
    tag: 'Review',
    summary: 'Decide a segment',
    access: reviewers,
    scope: null,
    owner: 'segment',
    params: segmentParams,
    body: decide,
    status: 201,
    answer: recording,
  },
  takeDecisionBack: {
    method: 'delete',
    path: '/api/segments/:segmentId/decisions',
    tag: 'Review',
    summary: 'Take the decision on a segment back: it waits for one again',
    access: reviewers,
    scope: null,
    owner: 'segment',
    params: segmentParams,
    status: 200,
    answer: recording,
  },
  getSegmentPicture: {
    method: 'get',
    path: '/api/segments/:segmentId/picture',
    tag: 'Review',
    summary: 'One picture of a segment; made when it is asked for, kept nowhere, and on the log',
    access: reviewers,
    scope: null,
    limit: 'look',
    owner: 'segment',
    params: segmentParams,
    status: 200,
    answerType: 'image/jpeg',
  },
  getSegmentSpectrogram: {
    method: 'get',
    path: '/api/segments/:segmentId/spectrogram',
    tag: 'Review',
    summary: 'The sound of a segment as a picture; made when it is asked for, kept nowhere, and on the log',
    access: reviewers,
    scope: null,
    limit: 'look',
    owner: 'segment',
    params: segmentParams,
    status: 200,
    answerType: 'image/png',
  },
  lookUpSegment: {
    method: 'post',
    path: '/api/segments/:segmentId/look-up',
    tag: 'Review',
    summary: 'Ask a list of music elsewhere whose a segment is: its print is sent, and the log has it',
    access: reviewers,
    scope: null,
    limit: 'look',
    owner: 'segment',
    params: segmentParams,
    status: 200,
    answer: lookedUp,
  },
  getWaveform: {
    method: 'get',
    path: '/api/recordings/:recordingId/waveform',
    tag: 'Review',
    summary: 'How loud the original is; made when it is asked for, kept nowhere, and on the log',
    access: reviewers,
    scope: null,
    limit: 'look',
    owner: 'recording',
    params: recordingParams,
    status: 200,
    answer: waveform,
  },
  getThumbnails: {
    method: 'get',
    path: '/api/recordings/:recordingId/thumbnails',
    tag: 'Review',
    summary:
      'Small pictures of the original in one; made when asked for, kept nowhere, and on the log. The header Emanet-Thumbnails says where they are',
    access: reviewers,
    scope: null,
    limit: 'look',
    owner: 'recording',
    params: recordingParams,
    status: 200,
    answerType: 'image/jpeg',
  },
  putCoverage: {
    method: 'put',
    path: '/api/recordings/:recordingId/coverage',
    tag: 'Review',
    summary: 'Add to what I have played of the original',
    access: reviewers,
    scope: null,
    owner: 'recording',
    params: recordingParams,
    body: putCoverage,
    status: 200,
    answer: coverage,
  },
  clearRecording: {
    method: 'post',
    path: '/api/recordings/:recordingId/clear',
    tag: 'Review',
    summary: 'Finish the review',
    access: reviewers,
    scope: null,
    owner: 'recording',
    params: recordingParams,
    status: 200,
    answer: recording,
  },
  rejectRecording: {
    method: 'post',
    path: '/api/recordings/:recordingId/reject',
    tag: 'Review',
    summary: 'Reject the recording',
    access: { to: { reviewer: 'any', administrator: 'any' } },
    scope: null,
    owner: 'recording',
    params: recordingParams,
    body: rejectBody,
    status: 200,
    answer: recording,
  },
} as const satisfies Record<string, Route>;
