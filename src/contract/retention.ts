import { z } from 'zod';
import { erasureReasons, lessonKinds } from '../domain/retention.ts';
import { changeKinds } from '../domain/retention-change.ts';
import { id, instant, maybeTime, reason, recordingState, text, time, userId } from './values.ts';

export const lessonKind = z.enum(lessonKinds);

const isExactlyOne = (a: unknown, b: unknown) => (a === undefined) !== (b === undefined);

export const addPolicy = z
  .object({
    kind: lessonKind.optional().meta({ description: 'Every kind of lesson when left out' }),
    schoolYear: z
      .int()
      .min(1950)
      .max(2199)
      .optional()
      .meta({ description: 'The calendar year in which the school year begins; every year when left out' }),
    keepDays: z.int().min(1).max(36_500).optional().meta({ description: 'Days after the end of the lesson' }),
    keepUntil: instant.optional(),
  })
  .refine((p) => isExactlyOne(p.keepDays, p.keepUntil), {
    path: ['keepDays'],
    message: 'give either a number of days or a date',
  })
  .meta({ id: 'AddRetentionPolicy' });
export const policy = z
  .object({
    id,
    kind: lessonKind.nullable(),
    schoolYear: z.number().nullable(),
    keepDays: z.number().nullable(),
    keepUntil: maybeTime,
    createdById: userId,
    createdAt: time,
  })
  .meta({ id: 'RetentionPolicy' });
export const change = z
  .object({
    id,
    kind: z.enum(changeKinds),
    recordingId: id.nullable(),
    requestedById: userId,
    requestedByName: z.string().nullable(),
    requestedAt: time,
    effectiveAt: time.meta({ description: 'When it takes effect, unless it is called back' }),
    sentence: z.object({ tr: z.string(), en: z.string() }),
  })
  .meta({
    id: 'RetentionChange',
    description: 'Makes recordings go sooner; waits for its time or for a second administrator, and can be called back',
  });
export const changeParams = z.object({ changeId: id });
const waiting = change.nullable().meta({ description: 'Set when it waits; null when it is done' });
export const addedPolicy = z.object({ policy: policy.nullable(), waiting }).meta({ id: 'AddedRetentionPolicy' });
export const removedPolicy = z.object({ waiting }).meta({ id: 'RemovedRetentionPolicy' });
export const policyParams = z.object({ policyId: id });

export const previewQuery = z.object({ days: z.coerce.number().int().min(0).max(3_660).default(7) });
const holdInForce = reason.extend({ holdId: id }).meta({ id: 'HoldInForce' });
export const previewItem = z
  .object({
    recordingId: id,
    lessonId: id,
    lessonTitle: z.string(),
    lessonAt: time,
    state: recordingState,
    expiresAt: maybeTime,
    erasesAt: time,
    reason,
    holds: z.array(holdInForce).meta({ description: 'While there is one nothing is erased' }),
  })
  .meta({ id: 'RetentionPreviewItem' });

export const setHold = z
  .object({
    reason: text(1000),
    endsAt: instant.optional(),
    reviewAt: instant.optional().meta({ description: 'When to ask again; needed for a hold without an end' }),
  })
  .refine((h) => h.endsAt !== undefined || h.reviewAt !== undefined, {
    path: ['reviewAt'],
    message: 'a hold without an end needs a date to review it',
  })
  .meta({ id: 'SetHold' });
export const hold = z
  .object({
    id,
    recordingId: id.nullable(),
    lessonId: id.nullable(),
    reason: z.string(),
    endsAt: maybeTime,
    reviewAt: maybeTime,
    setById: userId,
    setAt: time,
  })
  .meta({ id: 'Hold' });
export const listedHold = hold.extend({ lessonTitle: z.string() }).meta({ id: 'ListedHold' });
export const holdParams = z.object({ holdId: id });
export const liftHold = z.object({ why: text(1000) });

export const eraseBody = z.object({
  note: text(1000).meta({ description: 'The reason, in words; it stands in the certificate' }),
  why: z.enum(['request', 'withdrawal']).default('request'),
});
export const certificate = z
  .object({
    certificate: z.string().meta({ description: 'Canonical JSON (RFC 8785): these bytes are signed' }),
    signature: z.string().meta({ description: 'Detached OpenPGP signature, armored' }),
    signedBy: z.string(),
    publicKey: z.string().nullable(),
  })
  .meta({ id: 'ErasureCertificate' });
export const reSealBody = z.object({ why: text(1000) });

/** What a recording says of its end. */
export const fate = z.object({
  expiresAt: maybeTime,
  erasesAt: maybeTime,
  reason: reason.nullable(),
  holds: z.array(holdInForce),
});
export const erasure = z.object({
  state: z.enum(['removing', 'held', 'done']),
  why: z.enum(erasureReasons),
  startedAt: time,
  finishedAt: maybeTime,
  heldUntil: maybeTime.meta({ description: 'The store still holds a body, which nobody can read, until then' }),
});
export const reSeal = z.object({
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  doneBytes: z.number(),
  totalBytes: z.number(),
  error: z.string().nullable(),
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
