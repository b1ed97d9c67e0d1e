import { z } from 'zod';
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
