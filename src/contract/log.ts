import { z } from 'zod';
import { anomalyRules } from '../domain/anomaly.ts';
import { auditActions, personKinds } from '../domain/audit-event.ts';
import { evidenceEvents } from '../domain/evidence.ts';
import { recordingStates } from '../domain/lifecycle.ts';
import { participantKinds, permissionStatuses } from '../domain/permission.ts';
import { personRoles } from '../domain/person.ts';
import { deliveryKinds, deliveryStates, requestStates } from '../domain/request.ts';
import { rosterFormats } from '../domain/roster.ts';
import { scanPageStates } from '../domain/scan-page.ts';
import { administrator, auditor, overseers, type Route } from './route.ts';
import { because, capacity, id, maybeTime, plain, text, time } from './values.ts';

const action = z.enum(auditActions);

export const auditFilter = z.object({
  from: z.iso.datetime({ offset: true }).max(40).optional(),
  until: z.iso.datetime({ offset: true }).max(40).optional(),
  actor: plain(64).optional().meta({ description: 'Id or pseudonym of who acted' }),
  person: plain(64).optional().meta({ description: 'Id or pseudonym of who acted or is named' }),
  action: action.optional(),
  outcome: z.enum(['done', 'refused', 'failed']).optional(),
  object: plain(64).optional().meta({ description: 'Id of what was acted on' }),
  recording: id.optional(),
  lesson: id.optional(),
  text: text(200).optional().meta({ description: 'Words in the details: all of them; "a phrase", -not, or' }),
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
export const knownPerson = z
  .object({
    pseudonym: z.string(),
    kind: z.enum(personKinds),
    id: z.string(),
    name: z.string().nullable(),
  })
  .meta({ id: 'Person', description: 'Whose a pseudonym on the log is; not told any more once their key is erased' });
export const auditPage = z
  .object({
    entries: z.array(auditEntry),
    persons: z.array(knownPerson),
    next: z.string().nullable(),
    checkpoint,
  })
  .meta({ id: 'AuditPage', description: 'Newest first; `checkpoint` is the log at the time of the answer' });
export const viewersParams = z.object({ recordingId: id });
export const viewers = z
  .object({
    recordingId: id,
    accesses: z.array(
      z.object({
        actor: z.object({ kind: z.string(), id: z.string().nullable() }),
        firstAt: time,
        lastAt: time,
        opened: z.number().meta({
          description:
            'Times that media was about to be sent; more than were served when a process ended before it could note what was',
        }),
        served: z.number().meta({ description: 'Requests that were answered with media' }),
        originals: z.number().meta({ description: 'Of these, the ones that were answered with the original' }),
        exports: z.number().meta({ description: 'Exports that began' }),
        stills: z
          .number()
          .meta({ description: 'Pictures and spectrograms of segments, waveforms and thumbnails that were shown' }),
        documents: z.number().meta({
          description: 'Signed documents of the lesson that were read; they count for each recording of the lesson',
        }),
        seconds: z
          .array(z.tuple([z.number(), z.number()]))
          .meta({ description: 'Roughly which seconds were seen, from and until' }),
      }),
    ),
    persons: z.array(knownPerson),
    checkpoint,
  })
  .meta({ id: 'Viewers', description: 'Everybody to whom something of a recording went, the last first' });
export const participantQuery = z
  .object({ id: id.optional(), name: text(200).optional() })
  .extend(auditQuery.pick({ cursor: true, limit: true }).shape)
  .refine((query) => (query.id === undefined) !== (query.name === undefined), because('ID_OR_NAME'));
const keptRequest = z.object({
  id,
  courseId: id,
  course: z.string(),
  subject: z.string().nullable(),
  signer: z.string().nullable(),
  capacity,
  state: z.enum(requestStates),
  askedAt: time,
  openedAt: maybeTime,
  answeredAt: maybeTime,
  reminders: z.number(),
  mails: z.array(
    z.object({
      kind: z.enum(deliveryKinds),
      state: z.enum(deliveryStates),
      queuedAt: time,
      settledAt: maybeTime,
      addressMask: z.string(),
      reply: z.string().nullable(),
    }),
  ),
  sheets: z.array(
    z.object({
      code: z.string(),
      printedAt: time,
      scans: z.array(
        z.object({
          id,
          page: z.number(),
          state: z.enum(scanPageStates),
          receivedOn: z.string(),
          uploadedAt: time,
          decidedAt: maybeTime,
        }),
      ),
    }),
  ),
});
const keptAbout = z
  .object({
    personId: id,
    name: z.string(),
    roles: z.array(z.enum(personRoles)),
    createdAt: time,
    imports: z.array(
      z.object({
        id,
        what: z.enum(['contact', 'class', 'guardianship']),
        format: z.enum(rosterFormats),
        fileName: z.string().nullable(),
        file: z.string().nullable(),
        line: z.number().nullable(),
        importedAt: time,
      }),
    ),
    requests: z.array(keptRequest),
    receipts: z.array(
      z.object({
        evidenceId: id,
        permissionId: id,
        event: z.enum(evidenceEvents),
        sha256: z.string().meta({ description: 'Of the evidence; it stands in the entry of the act' }),
        at: time,
        isMade: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'KeptAbout', description: 'What is kept about a person beside lessons and the log' });
export const participantTrail = auditPage
  .extend({
    records: z.array(keptAbout),
    participants: z.array(
      z.object({
        id,
        name: z.string(),
        kind: z.enum(participantKinds),
        isMinor: z.boolean(),
        pseudonym: z.string().nullable(),
        personId: id,
        course: z.object({ id, title: z.string() }),
        lessons: z.array(
          z.object({
            id,
            title: z.string(),
            plannedStart: time,
            recordings: z.array(z.object({ id, state: z.enum(recordingStates) })),
          }),
        ),
        permissions: z.array(
          z.object({
            id,
            status: z.enum(permissionStatuses),
            purposes: z.array(z.string()),
            signedAt: maybeTime,
            validUntil: maybeTime,
            documentSha256: z.string().nullable(),
          }),
        ),
      }),
    ),
  })
  .meta({
    id: 'ParticipantTrail',
    description: 'Where data of somebody came from, what was asked, the lessons with them, and every entry about it',
  });
export const anomaliesQuery = z.object({ days: z.coerce.number().int().min(1).max(366).default(30) });
export const anomalies = z
  .object({
    days: z.number(),
    rules: z.array(z.object({ rule: z.enum(anomalyRules), sentence: z.string() })),
    anomalies: z.array(
      z.object({
        rule: z.enum(anomalyRules),
        actor: z.string().nullable().meta({ description: 'Pseudonym of whoever it was' }),
        recordingId: id.nullable(),
        firstAt: time,
        lastAt: time,
        count: z.number(),
        threshold: z.number(),
        entries: z.array(z.number()).meta({ description: 'Numbers of entries that it was found in, the first twenty' }),
      }),
    ),
    persons: z.array(knownPerson),
    checkpoint,
  })
  .meta({ id: 'Anomalies', description: 'What stands out on the log by simple rules, newest first' });
export const evidenceParams = z.object({ about: z.enum(['recording', 'participant']), subjectId: id });
export const personParams = z.object({ kind: z.enum(personKinds), personId: plain(64).min(1) });
export const auditExportQuery = auditFilter.extend({ format: z.enum(['jsonl', 'csv']).default('jsonl') });
export const auditCheck = z
  .object({
    intact: z.boolean(),
    entries: z.number(),
    checkpoint,
    faults: z.array(z.object({ fault: z.string(), sentence: z.string() })),
  })
  .meta({ id: 'AuditCheck' });

export const logRoutes = {
  readAudit: {
    method: 'get',
    path: '/api/audit',
    tag: 'Log',
    summary: 'Read the log',
    access: auditor,
    scope: 'audit',
    limit: 'look',
    query: auditQuery,
    status: 200,
    answer: auditPage,
  },
  exportAudit: {
    method: 'get',
    path: '/api/audit/export',
    tag: 'Log',
    summary: 'Export the log, oldest first',
    access: auditor,
    scope: 'audit',
    limit: 'evidence',
    query: auditExportQuery,
    status: 200,
    answerType: 'application/jsonl',
  },
  checkAudit: {
    method: 'get',
    path: '/api/audit/check',
    tag: 'Log',
    summary: 'Recompute every hash of the log',
    access: auditor,
    scope: 'audit',
    limit: 'evidence',
    status: 200,
    answer: auditCheck,
  },
  readViewers: {
    method: 'get',
    path: '/api/audit/viewers/:recordingId',
    tag: 'Log',
    summary: 'Who saw this recording?',
    access: auditor,
    scope: 'audit',
    limit: 'look',
    owner: 'recording',
    params: viewersParams,
    status: 200,
    answer: viewers,
  },
  readParticipant: {
    method: 'get',
    path: '/api/audit/participant',
    tag: 'Log',
    summary: 'What happened to this child’s data?',
    access: auditor,
    scope: 'audit',
    limit: 'look',
    query: participantQuery,
    status: 200,
    answer: participantTrail,
  },
  makeEvidencePack: {
    method: 'get',
    path: '/api/audit/evidence/:about/:subjectId',
    tag: 'Log',
    summary: 'Take the evidence about a recording or a participant, as one file',
    access: auditor,
    scope: 'audit',
    limit: 'evidence',
    params: evidenceParams,
    status: 200,
    answerType: 'application/zip',
  },
  readAnomalies: {
    method: 'get',
    path: '/api/audit/anomalies',
    tag: 'Log',
    summary: 'What stands out on the log',
    access: overseers,
    scope: 'audit',
    limit: 'look',
    query: anomaliesQuery,
    status: 200,
    answer: anomalies,
  },
  forgetPerson: {
    method: 'delete',
    path: '/api/audit/persons/:kind/:personId',
    tag: 'Log',
    summary: 'Erase the key of a person: the log no longer tells who it was',
    access: administrator,
    scope: null,
    confirmed: true,
    params: personParams,
    status: 204,
  },
} as const satisfies Record<string, Route>;
