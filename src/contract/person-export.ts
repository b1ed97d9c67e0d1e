import { z } from 'zod';
import { evidenceEvents } from '../domain/evidence.ts';
import { recordingStates } from '../domain/lifecycle.ts';
import { participantKinds } from '../domain/permission.ts';
import { authorities, contactKinds, personRoles, relations, taskKinds } from '../domain/person.ts';
import { exportGapKinds, exportGaps, exportOmissions, exportSides } from '../domain/person-export.ts';
import { deliveryKinds, deliveryStates, requestStates } from '../domain/request.ts';
import { rosterFormats } from '../domain/roster.ts';
import { scanPageStates } from '../domain/scan-page.ts';
import { audience, capacity, id, maybeTime, permissionStatus, purpose, route, time } from './values.ts';

const maybeText = z.string().nullable();
const maybeId = id.nullable();
const day = z.iso.date();
const side = z
  .enum(exportSides)
  .meta({ description: 'What they are in it: whom it is about, who signs, or both (self)' });
const other = maybeText.meta({ description: 'The name of the other person, as far as it is theirs to know' });

/** The file about a person, version 1 (docs/persons.md). A change that a reader could trip over is another version. */
export const personExport = z
  .object({
    format: z.literal('emanet-person'),
    v: z.literal(1),
    madeAt: time,
    school: z.string(),
    person: z.object({
      id,
      name: z.string(),
      roles: z.array(z.enum(personRoles)),
      schoolNumber: maybeText,
      language: maybeText,
      adultFrom: day.nullable(),
      createdAt: time,
    }),
    identifiers: z.array(z.object({ format: z.enum(rosterFormats), sourceId: z.string() })),
    contacts: z.array(
      z.object({
        id,
        kind: z.enum(contactKinds),
        value: maybeText.meta({ description: 'Null: it cannot be opened; `gaps` names it' }),
        addedAt: time,
        from: z
          .object({ importId: id, file: maybeText, line: z.number().nullable() })
          .nullable()
          .meta({ description: 'Null: somebody of the school typed it' }),
        undeliverableAt: maybeTime,
        undeliverableWhy: maybeText,
      }),
    ),
    classes: z.array(
      z.object({ id, name: z.string(), schoolYear: z.number(), from: time, until: maybeTime, importId: maybeId }),
    ),
    guardianships: z.array(
      z.object({
        id,
        as: z.enum(['pupil', 'guardian']),
        other,
        relation: z.enum(relations),
        authority: z.enum(authorities),
        from: time,
        until: maybeTime,
        importId: maybeId,
        file: maybeText,
        line: z.number().nullable(),
      }),
    ),
    imports: z.array(
      z.object({
        id,
        format: z.enum(rosterFormats),
        fileName: maybeText,
        fileSha256: z.string(),
        importedAt: time,
      }),
    ),
    attendance: z.array(
      z.object({
        lesson: z.string(),
        plannedStart: time,
        shownName: z.string(),
        joinedAt: time.nullable(),
        leftAt: time.nullable(),
      }),
    ),
    courses: z.array(
      z.object({
        participantId: id,
        courseId: id,
        title: z.string(),
        reason: z.string(),
        kind: z.enum(participantKinds),
        isMinor: z.boolean(),
        className: maybeText,
        lessonId: maybeId.meta({ description: 'The one lesson of a guest of one day' }),
        from: time,
        until: maybeTime,
        unrecordedIn: z.array(id).meta({ description: 'Lessons in a seat that is not recorded' }),
      }),
    ),
    recordings: z.array(
      z.object({
        id,
        lessonId: id,
        lesson: z.string(),
        plannedStart: time,
        state: z.enum(recordingStates),
        arrivedAt: time,
        keptUntil: maybeTime,
        erasedAt: maybeTime,
      }),
    ),
    requests: z.array(
      z.object({
        id,
        courseId: id,
        course: z.string(),
        as: side,
        other,
        capacity,
        terms: z.string(),
        state: z.enum(requestStates),
        askedAt: time,
        answerBy: time,
        openedAt: maybeTime,
        answeredAt: maybeTime,
        reminders: z.number(),
      }),
    ),
    links: z.array(z.object({ createdAt: time, replacedAt: maybeTime, revokedAt: maybeTime })),
    mails: z.array(
      z.object({
        to: z.enum(['self', 'other']).meta({ description: 'other: a mail to somebody else about them' }),
        kind: z.enum(deliveryKinds),
        state: z.enum(deliveryStates),
        queuedAt: time,
        settledAt: maybeTime,
        addressMask: maybeText,
        messageId: maybeText,
        reply: maybeText.meta({ description: 'What the mail server answered' }),
        requestIds: z.array(id),
      }),
    ),
    sheets: z.array(
      z.object({
        requestId: id,
        code: z.string(),
        language: z.string(),
        pages: z.number(),
        printedAt: time,
        scans: z.array(
          z.object({
            id,
            page: z.number(),
            state: z.enum(scanPageStates),
            receivedOn: day,
            uploadedAt: time,
            readAt: maybeTime,
            decidedAt: maybeTime,
            pictureSha256: z.string(),
          }),
        ),
      }),
    ),
    answers: z.array(
      z.object({
        id,
        courseId: id,
        course: z.string(),
        as: side,
        other,
        capacity: capacity.nullable(),
        status: permissionStatus,
        purposes: z.array(purpose),
        releaseTo: z.array(audience),
        declined: z.array(purpose),
        declinedTo: z.array(audience),
        route,
        assurance: z.number(),
        signedAt: maybeTime,
        validUntil: maybeTime,
        terms: maybeText,
        documentSha256: maybeText,
        events: z.array(z.object({ at: time, status: permissionStatus })),
        evidence: z
          .array(
            z.object({
              id,
              event: z.enum(evidenceEvents),
              at: time,
              sha256: z.string(),
              canonical: maybeText.meta({ description: 'The evidence (RFC 8785); null: `gaps` says why' }),
              strokes: maybeText.meta({ description: 'Strokes of a drawn signature' }),
              receipt: maybeText.meta({ description: 'For emanet-verify; null: not made yet, or `gaps` says why' }),
            }),
          )
          .meta({ description: 'Of what they signed themselves' }),
      }),
    ),
    objections: z.array(z.object({ as: side, lessonId: id, lesson: z.string(), at: time, liftedAt: maybeTime })),
    tasks: z.array(
      z.object({ kind: z.enum(taskKinds), as: z.enum(['subject', 'other']), createdAt: time, doneAt: maybeTime }),
    ),
    log: z
      .object({
        pseudonyms: z.array(z.string()),
        total: z.number().meta({ description: 'Entries that name them; the newest thousand are listed' }),
        checkpoint: z.string(),
        entries: z.array(
          z.object({ seq: z.number(), at: time, action: z.string(), outcome: z.string(), isByThem: z.boolean() }),
        ),
      })
      .meta({ description: 'Entries of the log that name them' }),
    gaps: z
      .array(z.object({ what: z.enum(exportGapKinds), id, why: z.enum(exportGaps) }))
      .meta({ description: 'What belongs here and could not be given' }),
    notIncluded: z.array(z.object({ code: z.enum(exportOmissions), text: z.string() })),
  })
  .meta({ id: 'PersonExport', description: 'Everything about a person (GDPR articles 15 and 20), version 1' });
