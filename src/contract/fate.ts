import { z } from 'zod';
import { erasureReasons, erasureStates, reSealStates } from '../domain/retention.ts';
import { changeKinds } from '../domain/retention-change.ts';
import { id, maybeTime, reason, time, userId } from './values.ts';

export const change = z
  .object({
    id,
    kind: z.enum(changeKinds),
    recordingId: id.nullable(),
    requestedById: userId,
    requestedByName: z.string().nullable(),
    requestedAt: time,
    effectiveAt: time.meta({ description: 'When it takes effect, unless it is called back' }),
    sentence: z.string(),
  })
  .meta({
    id: 'RetentionChange',
    description: 'Makes recordings go sooner; waits for its time or for a second administrator, and can be called back',
  });

export const holdInForce = reason.extend({ holdId: id }).meta({ id: 'HoldInForce' });

/** What a recording says of its end. */
export const fate = z.object({
  expiresAt: maybeTime,
  erasesAt: maybeTime,
  reason: reason.nullable(),
  holds: z.array(holdInForce),
});
export const erasure = z.object({
  state: z.enum(erasureStates),
  why: z.enum(erasureReasons),
  startedAt: time,
  finishedAt: maybeTime,
  heldUntil: maybeTime.meta({ description: 'The store still holds a body, which nobody can read, until then' }),
});
export const reSeal = z.object({
  state: z.enum(reSealStates),
  doneBytes: z.number(),
  totalBytes: z.number(),
  error: z.string().nullable(),
});
