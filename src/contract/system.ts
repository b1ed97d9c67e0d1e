import { z } from 'zod';
import { jobKinds, pausableKinds } from '../domain/job-kind.ts';
import { administrator, list, type Route } from './route.ts';
import { id, maybeTime, time } from './values.ts';

export const keyList = z
  .object({
    items: z.array(
      z.object({
        role: z.enum(['vault', 'recovery']),
        state: z.enum(['next', 'current', 'former', 'retired']),
        fingerprint: z.string(),
        version: z.number(),
        algorithm: z.string(),
        createdAt: time,
        envelopes: z.number().meta({ description: 'Envelopes and unfinished uploads that are wrapped for it' }),
      }),
    ),
    rotation: z.object({
      left: z.number().meta({ description: 'Envelopes that are wrapped for other keys than the current ones' }),
      run: z
        .object({
          id,
          recipients: z.array(z.string()),
          startedAt: time,
          finishedAt: maybeTime,
          total: z.number(),
          done: z.number(),
          failed: z.number(),
        })
        .nullable(),
    }),
  })
  .meta({ id: 'Keys', description: 'The keys that recordings are sealed to' });

export const job = z
  .object({
    id: z.string(),
    task: z.string(),
    attempts: z.number(),
    maxAttempts: z.number(),
    runAt: time,
    lastError: z.string().nullable(),
    failed: z.boolean(),
    running: z.boolean(),
  })
  .meta({ id: 'Job' });
const jobsOfKind = z
  .object({
    kind: z.enum(jobKinds),
    waiting: z.number(),
    running: z.number(),
    failed: z.number().meta({ description: 'Have used up their tries' }),
    oldest: maybeTime.meta({ description: 'When the oldest that waits was queued' }),
    pausable: z.boolean(),
    pausedAt: maybeTime.meta({ description: 'Null: not paused' }),
  })
  .meta({ id: 'JobsOfKind' });
const pauseJobs = z.object({ paused: z.boolean() }).meta({ id: 'PauseJobs' });
const jobKindParams = z.object({ jobKind: z.enum(pausableKinds) });
export const jobParams = z.object({
  jobId: z
    .string()
    .max(18)
    .regex(/^\d{1,18}$/),
});

const run = z
  .object({
    startedAt: time,
    finishedAt: maybeTime,
    objects: z.number(),
    bytes: z.number(),
    faults: z.number(),
    orphans: z.number(),
    replayed: z.number(),
  })
  .meta({ id: 'IntegrityRun' });
export const integrity = z
  .object({
    faults: z.array(
      z.object({
        sealedId: id,
        key: z.string(),
        kind: z.string(),
        recordingId: id.nullable(),
        lessonId: id.nullable(),
        code: z.string(),
        detail: z.string(),
        since: time,
        lookedAt: time,
      }),
    ),
    objects: z.number(),
    neverRead: z.number(),
    scrub: run.nullable(),
    reconcile: run.nullable(),
  })
  .meta({ id: 'Integrity', description: 'What is damaged or missing, and the last pass over everything' });

export const systemRoutes = {
  getIntegrity: {
    method: 'get',
    path: '/api/integrity',
    tag: 'Integrity',
    summary: 'What of the store is damaged or missing',
    access: administrator,
    scope: 'read',
    status: 200,
    answer: integrity,
  },
  listKeys: {
    method: 'get',
    path: '/api/keys',
    tag: 'Integrity',
    summary: 'The vault’s keys, what is wrapped for each, and how far the last rotation is',
    access: administrator,
    scope: 'read',
    status: 200,
    answer: keyList,
  },
  startScrub: {
    method: 'post',
    path: '/api/integrity/scrub',
    tag: 'Integrity',
    summary: 'Begin to read and verify every sealed object',
    access: administrator,
    scope: null,
    limit: 'check',
    status: 202,
  },
  listJobs: {
    method: 'get',
    path: '/api/jobs',
    tag: 'Jobs',
    summary: 'Jobs that wait, run or keep failing',
    access: administrator,
    scope: 'read',
    status: 200,
    answer: list(job).extend({ kinds: z.array(jobsOfKind) }),
  },
  pauseJobs: {
    method: 'put',
    path: '/api/jobs/kinds/:jobKind',
    tag: 'Jobs',
    summary: 'Let the jobs of a kind wait, or go on with them',
    access: administrator,
    scope: null,
    params: jobKindParams,
    body: pauseJobs,
    status: 204,
  },
  retryJob: {
    method: 'post',
    path: '/api/jobs/:jobId/retry',
    tag: 'Jobs',
    summary: 'Try a failed job again',
    access: administrator,
    scope: null,
    params: jobParams,
    status: 202,
  },
} as const satisfies Record<string, Route>;
