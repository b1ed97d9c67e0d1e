import { z } from 'zod';
import { runnerCapabilities, runnerFaults } from '../domain/runner.ts';
import { watchedKinds } from '../domain/watched-names.ts';
import { administrator, everybody, KiB, list, type Route, runner as runnersOnly } from './route.ts';
import { id, maybeTime, plain, setOf, text, time } from './values.ts';

const tag = 'Runners';
const detectors = z.int().min(0).max(1_000_000).meta({ description: 'Version of the runner’s detectors' });
const capabilities = setOf(z.enum(runnerCapabilities)).min(1);

export const runner = z
  .object({
    id,
    name: z.string(),
    capabilities: z.array(z.enum(runnerCapabilities)),
    fingerprint: z.string().meta({ description: 'Of its key: session keys are sealed to it, results signed with it' }),
    isOutdated: z.boolean().meta({ description: 'Its detectors are of another version than the server’s' }),
    createdAt: time,
    lastSeenAt: time,
    disabledAt: maybeTime,
    disabledWhy: z.enum(runnerFaults).nullable(),
    works: z.object({ recordingId: id, doneMs: z.number() }).nullable(),
    done: z.number(),
    failed: z.number(),
  })
  .meta({ id: 'Runner' });
const runnerParams = z.object({ runnerId: id });
const leaseParams = z.object({ leaseId: id });

export const lease = z
  .object({
    id,
    job: id,
    lastsMs: z.number().meta({ description: 'It ends so long after it was last renewed' }),
    probe: z.object({
      container: z.string(),
      mediaType: z.string(),
      declaredDurationMs: z.number().nullable(),
      streams: z.array(z.record(z.string(), z.unknown())),
    }),
    rules: z.object({
      names: z.array(z.object({ name: z.string(), kind: z.enum(watchedKinds) })),
      pagesPerHour: z.number(),
    }),
    sealed: z.object({
      envelope: z.string().meta({ description: 'The session key, sealed to the runner’s key alone; base64' }),
      salt: z.string(),
      chunkOctet: z.number(),
      commitment: z.string(),
      framing: z.enum(['definite', 'partial30', 'partial22']),
      bodyBytes: z.number(),
      mediaBytes: z.number(),
      bodySha256: z.string(),
    }),
  })
  .meta({ id: 'Lease', description: 'One job of a runner, for a while' });

export const resultFields = z.object({ statement: plain(4 * KiB), signature: plain(4 * KiB) });

export const runnerRoutes = {
  listRunners: {
    method: 'get',
    path: '/api/runners',
    tag,
    summary: 'Machines elsewhere that take checks of recordings',
    access: administrator,
    scope: 'read',
    status: 200,
    answer: list(runner),
  },
  inviteRunner: {
    method: 'post',
    path: '/api/runners/invitations',
    tag,
    summary: 'Issue a token with which one runner registers, within a day',
    access: administrator,
    scope: null,
    limit: 'invite',
    confirmed: true,
    status: 201,
    answer: z.object({ token: z.string().meta({ description: 'Shown only this once' }), expiresAt: time }),
  },
  changeRunner: {
    method: 'patch',
    path: '/api/runners/:runnerId',
    tag,
    summary: 'Disable a runner, which ends what it does at once, or enable it again',
    access: administrator,
    scope: null,
    confirmed: true,
    params: runnerParams,
    body: z.object({ disabled: z.boolean() }),
    status: 204,
  },
  removeRunner: {
    method: 'delete',
    path: '/api/runners/:runnerId',
    tag,
    summary: 'Forget a runner; what it does ends at once',
    access: administrator,
    scope: null,
    confirmed: true,
    params: runnerParams,
    status: 204,
  },
  registerRunner: {
    method: 'post',
    path: '/api/v1/runner/registrations',
    tag,
    summary: 'A runner registers with its token and its own public key',
    access: everybody,
    scope: null,
    limit: 'invitation',
    body: z.object({
      token: plain(100).min(20),
      name: text(100),
      capabilities,
      publicKey: plain(8 * KiB),
      detectors,
    }),
    status: 201,
    answer: z.object({ runnerId: id, secret: z.string() }),
  },
  takeLease: {
    method: 'post',
    path: '/api/v1/runner/leases',
    tag,
    summary: 'A runner asks for a job; what it held before is over',
    access: runnersOnly,
    scope: null,
    body: z.object({ detectors }),
    status: 200,
    answer: z.object({
      lease: lease.nullable().meta({ description: 'Null: there is nothing to do now' }),
      isOutdated: z.boolean().meta({ description: 'There is never anything for a runner of this version' }),
    }),
  },
  renewLease: {
    method: 'put',
    path: '/api/v1/runner/leases/:leaseId',
    tag,
    summary: 'A sign of life of a runner, and how far it is',
    access: runnersOnly,
    scope: null,
    params: leaseParams,
    body: z.object({
      doneMs: z
        .number()
        .min(0)
        .max(2 ** 31 - 1),
    }),
    status: 200,
    answer: z.object({ lastsMs: z.number() }),
  },
  giveLeaseBack: {
    method: 'delete',
    path: '/api/v1/runner/leases/:leaseId',
    tag,
    summary: 'A runner stops, or could not do its job: another one gets it',
    access: runnersOnly,
    scope: null,
    params: leaseParams,
    query: z.object({ why: z.enum(['given_back', 'failed']).default('given_back') }),
    status: 204,
  },
  getLeasedBody: {
    method: 'get',
    path: '/api/v1/runner/leases/:leaseId/body',
    tag,
    summary: 'The ciphertext of the leased recording, whole or in ranges (RFC 9110, 14)',
    access: runnersOnly,
    scope: null,
    params: leaseParams,
    status: 200,
    answerType: 'application/octet-stream',
  },
  takeResult: {
    method: 'post',
    path: '/api/v1/runner/leases/:leaseId/result',
    tag,
    summary: 'A runner hands in what it measured, and signs what it states',
    access: runnersOnly,
    scope: null,
    params: leaseParams,
    form: resultFields.extend({ file: z.any().meta({ override: { type: 'string', format: 'binary' } }) }),
    status: 204,
  },
} as const satisfies Record<string, Route>;
