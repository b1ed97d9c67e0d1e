import { z } from 'zod';
import { auditActions } from '../domain/audit-event.ts';
import { plain, time } from './values.ts';

const action = z.enum(Object.keys(auditActions) as [keyof typeof auditActions, ...(keyof typeof auditActions)[]]);

export const auditFilter = z.object({
  from: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  actor: plain(64).optional().meta({ description: 'Id of who acted' }),
  action: action.optional(),
  outcome: z.enum(['done', 'refused', 'failed']).optional(),
  object: plain(64).optional().meta({ description: 'Id of what was acted on' }),
  recording: z.uuid().optional(),
  lesson: z.uuid().optional(),
});
export const auditQuery = auditFilter.extend({
  cursor: z.string().max(40).optional().meta({ description: '`next` of the answer before' }),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export const auditEntry = z
  .object({
    seq: z.number(),
    entry: z.unknown(),
    sentence: z.string(),
    leafHash: z.string(),
    address: z.string().nullable(),
  })
  .meta({ id: 'AuditEntry', description: 'The entry as it stands on the log, and the hash of its leaf in base64' });
export const checkpoint = z
  .object({
    origin: z.string(),
    size: z.number(),
    root: z.string(),
    note: z.string().meta({ description: 'The signed note (C2SP tlog-checkpoint)' }),
  })
  .meta({ id: 'Checkpoint', description: 'What the log says of itself: how many entries, and the root of their tree' });
export const auditPage = z
  .object({
    entries: z.array(auditEntry),
    next: z.string().nullable(),
    checkpoint,
  })
  .meta({ id: 'AuditPage', description: 'Newest first; `checkpoint` is the log at the time of the answer' });
export const auditExportQuery = auditFilter.extend({ format: z.enum(['jsonl', 'csv']).default('jsonl') });
export const auditCheck = z
  .object({
    intact: z.boolean(),
    entries: z.number(),
    checkpoint,
    faults: z.array(z.object({ fault: z.string(), sentence: z.string() })),
  })
  .meta({ id: 'AuditCheck' });

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
export const jobParams = z.object({ jobId: z.string().regex(/^\d{1,19}$/) });
