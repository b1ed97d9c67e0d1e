import { z } from 'zod';
import { permissionStatuses } from '../domain/permission.ts';
import { authorities, contactKinds, personRoles, relations, taskKinds } from '../domain/person.ts';
import { erasedKinds, erasureRemains, personErasureReasons } from '../domain/person-erasure.ts';
import { erasureStates } from '../domain/retention.ts';
import { columnMeanings, rosterFormats, rosterNoticeCodes, rosterQuestions } from '../domain/roster.ts';
import { personExport } from './person-export.ts';
import { administrator, list, type Route } from './route.ts';
import { because, id, language, maybeTime, plain, reason, setOf, text, time } from './values.ts';

/** Teachers ask the guardians of their courses, so they see the people of the school; addresses are on the log. */
const peopleKeepers = { to: { teacher: 'any', administrator: 'any' } } as const;

const personRole = z.enum(personRoles);
const named = z.object({ id, name: z.string() });

export const personQuery = z.object({
  search: plain(200).optional(),
  role: personRole.optional(),
  classId: id.optional(),
  cursor: plain(1_000).optional().meta({ description: '`next` of the answer before' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const person = z
  .object({
    id,
    name: z.string(),
    roles: z.array(personRole),
    schoolNumber: z.string().nullable(),
    classes: z.array(z.object({ id, name: z.string(), schoolYear: z.number() })),
  })
  .meta({ id: 'PersonOfSchool' });
const guardianship = z
  .object({
    id,
    pupil: named,
    guardian: named,
    relation: z.enum(relations),
    authority: z.enum(authorities),
    from: time,
    until: maybeTime,
  })
  .meta({ id: 'Guardianship' });
const personWithContacts = z
  .object({
    id,
    name: z.string(),
    roles: z.array(personRole),
    schoolNumber: z.string().nullable(),
    language: z.string().nullable(),
    adultFrom: z.string().nullable(),
    contacts: z.array(
      z.object({
        id,
        kind: z.enum(contactKinds),
        value: z.string(),
        undeliverable: z.string().nullable().meta({ description: 'What came back from it; null: nothing' }),
        from: z.object({ file: z.string(), line: z.number().nullable() }).nullable(),
      }),
    ),
    classes: z.array(z.object({ id, name: z.string(), schoolYear: z.number(), from: time, until: maybeTime })),
    guardianships: z.array(guardianship),
  })
  .meta({ id: 'PersonWithContacts' });

const changePerson = z
  .object({
    language: language.nullable().optional().meta({ description: 'Of their pages and mails' }),
    adultFrom: z.iso.date().nullable().optional().meta({ description: 'The day from which they sign alone' }),
    addContact: text(300).optional().meta({ description: 'An e-mail address, a telephone number, or another way' }),
    removeContactId: id.optional(),
  })
  .meta({ id: 'ChangePerson' });

const revokedLink = z
  .object({
    links: z.number().meta({ description: 'How many links opened something until now' }),
    mailed: z.boolean().meta({ description: 'A new link is on its way by mail' }),
    answers: z
      .array(z.object({ id, subject: z.string(), course: z.string(), status: z.enum(permissionStatuses), at: time }))
      .meta({ description: 'What was answered by link until now: ask whether it was they' }),
  })
  .meta({ id: 'RevokedLink' });

const decideGuardianship = z
  .object({
    relation: z.enum(relations).optional(),
    authority: z.enum(authorities).optional(),
    end: z.literal(true).optional().meta({ description: 'They no longer stand for this pupil' }),
    why: text(500).optional().meta({ description: 'On what the end rests: a document, its date; needed with `end`' }),
  })
  .refine((d) => d.relation !== undefined || d.authority !== undefined || d.end, because('INVALID_VALUE'))
  .refine((d) => !d.end || d.why !== undefined, { path: ['why'], message: because('END_WITHOUT_WHY') });

const createPerson = z
  .object({
    name: text(200),
    roles: setOf(personRole).min(1),
    schoolNumber: text(40).optional().meta({ description: 'With its leading zeros' }),
    language: language.optional().meta({ description: 'Of their pages and mails' }),
    adultFrom: z.iso
      .date()
      .optional()
      .meta({ description: 'The day from which they sign alone; an administrator says it' }),
    contacts: z.array(text(300)).max(20).default([]).meta({ description: 'E-mail addresses, telephone numbers' }),
    classIds: z.array(id).max(20).default([]),
  })
  .meta({ id: 'CreatePerson' });
const personCreated = personWithContacts
  .extend({
    namesakes: z
      .array(z.object({ id, name: z.string(), roles: z.array(personRole), classes: z.array(z.string()) }))
      .meta({ description: 'Others of the same name: look whether it is the same person' }),
  })
  .meta({ id: 'PersonCreated' });
const addGuardianship = z
  .object({
    guardianId: id,
    relation: z.enum(relations),
    authority: z.enum(authorities).meta({
      description: 'may_sign is for an administrator to decide: from a teacher it comes as none, with a task',
    }),
  })
  .refine((g) => g.authority !== 'may_sign' || g.relation !== 'other', {
    path: ['authority'],
    message: because('MAY_SIGN_AS_OTHER'),
  })
  .meta({ id: 'AddGuardianship' });
const membershipParams = z.object({ personId: id, classId: id });

const task = z
  .object({ id, kind: z.enum(taskKinds), person: named, other: named.nullable(), createdAt: time })
  .meta({ id: 'Task' });

const erasePerson = z
  .object({
    why: z.enum(personErasureReasons),
    confirm: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .max(64)
      .meta({ description: '`digest` of what was looked at' }),
  })
  .meta({ id: 'ErasePerson' });
const personErasure = z
  .object({
    personId: id,
    name: z.string(),
    digest: z.string().meta({ description: 'Given back to erase exactly this' }),
    blockers: z.array(reason).meta({ description: 'Why it cannot be done now' }),
    goes: z.array(z.object({ kind: z.enum(erasedKinds), count: z.number(), text: z.string() })),
    stays: z.array(z.object({ code: z.enum(erasureRemains), count: z.number().nullable(), text: z.string() })),
    left: z.array(named).meta({ description: 'Who stands for nobody, or has nobody, once this person is gone' }),
    captions: z
      .array(
        z.object({
          recordingId: id,
          title: z.string().meta({ description: 'Of its lesson' }),
          at: time.meta({ description: 'When that was to begin' }),
          isRead: z.boolean().meta({ description: 'False: its captions cannot be opened, so nobody knows' }),
        }),
      )
      .meta({ description: 'Recordings of others that are kept, and whose captions name them' }),
    erasure: z
      .object({
        why: z.enum(personErasureReasons),
        state: z.enum(erasureStates),
        startedAt: time,
        finishedAt: maybeTime,
        objects: z.number().meta({ description: 'Sealed objects that the store still has' }),
        pseudonyms: z.number().meta({ description: 'Pseudonyms whose keys are still needed' }),
      })
      .nullable()
      .meta({ description: 'Null: they are not erased' }),
  })
  .meta({ id: 'PersonErasure' });

/** JSON in a field of a form. */
const json = <T extends z.ZodType>(schema: T) =>
  plain(16_000)
    .transform((value, context) => {
      try {
        return JSON.parse(value) as unknown;
      } catch {
        context.addIssue(because('INVALID_FORMAT'));
        return z.NEVER;
      }
    })
    .pipe(schema);
export const rosterFields = z.object({
  schoolYear: z.coerce.number().int().min(1900).max(2200).optional(),
  mapping: json(z.record(plain(200), z.enum(columnMeanings).nullable()))
    .optional()
    .meta({ description: 'JSON: what each column means, by its heading; null: it is not read' }),
  confirm: z
    .string()
    .max(64)
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .meta({ description: '`digest` of the review: the roster is taken in. Without it the roster is only shown' }),
  accepted: json(setOf(z.enum(rosterQuestions)))
    .optional()
    .meta({ description: 'JSON: codes of the questions that were answered with yes' }),
});
const file = z.any().meta({ override: { type: 'string', format: 'binary' }, description: 'A roster, 20 MiB at most' });
const rosterForm = rosterFields.extend({ file });

const facts = z.record(z.string(), z.union([z.string(), z.number()]));
const provenance = z.object({ file: z.string(), line: z.number() });
const review = z
  .object({
    digest: z.string(),
    format: z.enum(rosterFormats),
    schoolYear: z.number(),
    persons: z.number(),
    added: z.array(z.object({ name: z.string(), kinds: z.array(z.string()), classes: z.array(z.string()) })),
    changes: z.array(
      z.object({
        name: z.string(),
        field: z.enum(['name', 'schoolNumber', 'role', 'class', 'contact']),
        before: z.string().nullable(),
        after: z.string().nullable(),
      }),
    ),
    ended: z.array(z.object({ name: z.string(), className: z.string() })),
    guardianships: z.number().meta({ description: 'How many come' }),
    undecided: z.array(z.object({ pupil: z.string(), other: z.string() })),
    unlisted: z.array(z.object({ pupil: z.string(), guardian: z.string() })),
    questions: z.array(z.object({ code: z.enum(rosterQuestions), params: facts, text: z.string() })),
    notices: z.array(z.object({ code: z.enum(rosterNoticeCodes), params: facts, from: provenance, text: z.string() })),
    dropped: z.array(z.string()),
  })
  .meta({ id: 'RosterReview', description: 'What a roster would change' });
const rosterOutcome = z
  .discriminatedUnion('outcome', [
    z.object({
      outcome: z.literal('mapping'),
      table: z.object({
        headings: z.array(z.string()),
        suggested: z.record(z.string(), z.enum(columnMeanings).nullable()),
        sample: z.array(z.array(z.string())),
        meanings: z
          .array(z.object({ meaning: z.enum(columnMeanings), text: z.string() }))
          .meta({ description: 'What a column may mean' }),
      }),
    }),
    z.object({ outcome: z.literal('review'), review }),
    z.object({ outcome: z.literal('imported'), importId: id, review }),
  ])
  .meta({ id: 'RosterOutcome' });

export const personRoutes = {
  importRoster: {
    method: 'post',
    path: '/api/rosters',
    tag: 'People',
    summary: 'Show what a roster would change, or take it in as a whole; the file is not kept',
    access: peopleKeepers,
    scope: null,
    limit: 'roster',
    form: rosterForm,
    status: 200,
    answer: rosterOutcome,
  },
  listPersons: {
    method: 'get',
    path: '/api/persons',
    tag: 'People',
    summary: 'People of the school by name, without their addresses',
    access: peopleKeepers,
    scope: 'read',
    query: personQuery,
    status: 200,
    answer: list(person).extend({ next: z.string().nullable() }),
  },
  createPerson: {
    method: 'post',
    path: '/api/persons',
    tag: 'People',
    summary: 'Take one person into the records by hand; tells who has the same name',
    access: peopleKeepers,
    scope: null,
    limit: 'roster',
    body: createPerson,
    status: 201,
    answer: personCreated,
  },
  getPerson: {
    method: 'get',
    path: '/api/persons/:personId',
    tag: 'People',
    summary: 'Somebody with addresses, classes and whom they stand for; reading addresses is on the log',
    access: peopleKeepers,
    scope: null,
    limit: 'look',
    params: z.object({ personId: id }),
    status: 200,
    answer: personWithContacts,
  },
  changePerson: {
    method: 'patch',
    path: '/api/persons/:personId',
    tag: 'People',
    summary: 'Change somebody: addresses, language, from when they sign alone',
    access: administrator,
    scope: null,
    // Whoever can send a link to an address of their own can answer for somebody.
    confirmed: true,
    params: z.object({ personId: id }),
    body: changePerson,
    status: 200,
    answer: personWithContacts
      .extend({
        link: revokedLink.nullable().meta({ description: 'What became of links that went to an address taken away' }),
      })
      .meta({ id: 'ChangedPerson' }),
  },
  revokeSignerLink: {
    method: 'post',
    path: '/api/persons/:personId/revoke-link',
    tag: 'People',
    summary: 'Revoke every personal link of somebody: it is in the wrong hands; a new one goes to their address',
    access: administrator,
    scope: null,
    confirmed: true,
    params: z.object({ personId: id }),
    status: 200,
    answer: revokedLink,
  },
  exportPerson: {
    method: 'get',
    path: '/api/persons/:personId/export',
    tag: 'People',
    summary: 'Everything about somebody as one file (GDPR articles 15 and 20)',
    access: administrator,
    scope: null,
    limit: 'evidence',
    confirmed: true,
    params: z.object({ personId: id }),
    status: 200,
    answer: personExport,
  },
  getPersonErasure: {
    method: 'get',
    path: '/api/persons/:personId/erasure',
    tag: 'People',
    summary: 'What erasing somebody would mean, what stands against it, or how far it is',
    access: administrator,
    scope: null,
    params: z.object({ personId: id }),
    status: 200,
    answer: personErasure,
  },
  erasePerson: {
    method: 'post',
    path: '/api/persons/:personId/erasure',
    tag: 'People',
    summary: 'Erase somebody for good, as it was looked at before',
    access: administrator,
    scope: null,
    limit: 'evidence',
    confirmed: true,
    params: z.object({ personId: id }),
    body: erasePerson,
    status: 202,
    answer: personErasure,
  },
  addGuardianship: {
    method: 'post',
    path: '/api/persons/:personId/guardianships',
    tag: 'People',
    summary: 'Say that somebody stands for this pupil',
    access: peopleKeepers,
    scope: null,
    limit: 'roster',
    // Whoever may sign can answer for a child.
    confirmed: true,
    params: z.object({ personId: id }),
    body: addGuardianship,
    status: 201,
    answer: guardianship,
  },
  joinClass: {
    method: 'put',
    path: '/api/persons/:personId/classes/:classId',
    tag: 'People',
    summary: 'Somebody joins a class, and with it its courses, from now on',
    access: peopleKeepers,
    scope: null,
    limit: 'roster',
    params: membershipParams,
    status: 204,
  },
  leaveClass: {
    method: 'delete',
    path: '/api/persons/:personId/classes/:classId',
    tag: 'People',
    summary: 'Somebody leaves a class, and with it its courses, from now on',
    access: peopleKeepers,
    scope: null,
    limit: 'roster',
    params: membershipParams,
    status: 204,
  },
  decideGuardianship: {
    method: 'patch',
    path: '/api/guardianships/:guardianshipId',
    tag: 'People',
    summary: 'Say what a guardian may do for a pupil, or end it',
    access: administrator,
    scope: null,
    params: z.object({ guardianshipId: id }),
    body: decideGuardianship,
    status: 200,
    answer: guardianship,
  },
  listClasses: {
    method: 'get',
    path: '/api/classes',
    tag: 'People',
    summary: 'Classes with how many pupils they have now',
    access: peopleKeepers,
    scope: 'read',
    status: 200,
    answer: list(z.object({ id, name: z.string(), schoolYear: z.number(), pupils: z.number() }).meta({ id: 'Class' })),
  },
  listTasks: {
    method: 'get',
    path: '/api/tasks',
    tag: 'People',
    summary: 'What imports left for a person to decide, the oldest first',
    access: peopleKeepers,
    scope: 'read',
    status: 200,
    answer: list(task),
  },
  finishTask: {
    method: 'post',
    path: '/api/tasks/:taskId/done',
    tag: 'People',
    summary: 'Say that a task is done',
    access: peopleKeepers,
    scope: null,
    params: z.object({ taskId: id }),
    status: 204,
  },
} as const satisfies Record<string, Route>;
