import { createHash, randomUUID } from 'node:crypto';
import { canonicalJson } from '../../audit/canonical-json.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import { foldForSearch } from '../../domain/person.ts';
import { schoolYearOf } from '../../domain/retention.ts';
import type { RosterFormat, RosterQuestionCode } from '../../domain/roster.ts';
import {
  compareRoster,
  type PersonField,
  type RosterComparison,
  type RosterQuestion,
  sourceIdOf,
} from '../../rosters/compare.ts';
import type { ColumnMapping, Roster, RosterNotice, RosterPerson, TableToMap } from '../../rosters/roster.ts';
import { followClasses } from '../core/course-people.ts';
import { type ContactBook, openContactBook } from '../core/people-key.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { readKnownPeople } from './known-people.ts';

type Needs = Pick<Outside, 'database' | 'keyring' | 'clock' | 'rosters'>;

export interface RosterToImport {
  readonly name: string | null;
  readonly bytes: Uint8Array;
  /** The calendar year in which the school year of its classes begins; default: the current one. */
  readonly schoolYear?: number | undefined;
  /** What the columns of a table mean. */
  readonly mapping?: ColumnMapping | undefined;
  /** The digest of the review that was looked at: then it is taken in, else it is only shown. */
  readonly confirm?: string | undefined;
  /** The questions of the review that were answered with yes. */
  readonly accepted?: readonly RosterQuestionCode[] | undefined;
}

/** What a roster would change, for a person to look at. Names only; no address. */
export interface RosterReview {
  /** Binds file, mapping and what the school knows; given back to take the roster in. */
  readonly digest: string;
  readonly format: RosterFormat;
  readonly schoolYear: number;
  readonly persons: number;
  readonly added: {
    readonly name: string;
    readonly kinds: string[];
    readonly classes: string[];
  }[];
  readonly changes: {
    readonly name: string;
    readonly field: Exclude<PersonField, 'source'>;
    readonly before: string | null;
    readonly after: string | null;
  }[];
  readonly ended: { readonly name: string; readonly className: string }[];
  readonly guardianships: number;
  readonly undecided: { readonly pupil: string; readonly other: string }[];
  readonly unlisted: { readonly pupil: string; readonly guardian: string }[];
  readonly questions: RosterQuestion[];
  readonly notices: RosterNotice[];
  readonly dropped: string[];
}

export type RosterOutcome =
  | { readonly outcome: 'mapping'; readonly table: TableToMap }
  | { readonly outcome: 'review'; readonly review: RosterReview }
  | { readonly outcome: 'imported'; readonly importId: Id; readonly review: RosterReview };

/**
 * Reads a roster and says what it would change; with `confirm` it is taken in as a whole, or not at all. The file is kept
 * nowhere. An import neither grants nor revokes: what it no longer lists becomes a task (policy P6).
 * @throws Refusal of the reader; `WRONG_STATE` `ROSTER_CHANGED` when the review is another by now, `ROSTER_QUESTION_OPEN`.
 */
export async function importRoster(outside: Needs, caller: Caller, input: RosterToImport): Promise<RosterOutcome> {
  const { database, rosters } = outside;
  const reading = await rosters.read([{ name: input.name ?? 'roster', bytes: input.bytes }], input.mapping);
  if (reading.outcome === 'mapping') return reading;
  const { roster } = reading;
  const fileSha256 = createHash('sha256').update(input.bytes).digest('hex');
  return database.transact(caller, async (tx) => {
    if (input.confirm !== undefined) await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('roster import'))`;
    const schoolYear = input.schoolYear ?? (await currentSchoolYear(tx.db, outside.clock()));
    const book = await openContactBook(outside, tx.db);
    try {
      const known = await readKnownPeople(tx.db, roster.format, schoolYear);
      const compared = compareRoster(roster, known, (person) =>
        contactsIn(person).map(({ kind, value }) => book.digest(kind, value).toString('hex')),
      );
      const names = new Map(known.persons.map(({ id, name }) => [id, name]));
      const review = describe(roster, compared, names, { fileSha256, schoolYear, mapping: input.mapping ?? null });
      if (input.confirm === undefined) return { outcome: 'review', review };
      if (input.confirm !== review.digest) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'ROSTER_CHANGED' }] });
      const open = review.questions.filter(({ code }) => !input.accepted?.includes(code));
      if (open.length > 0)
        throw new Refusal('WRONG_STATE', {
          reasons: open.map(({ code }) => ({ code: 'ROSTER_QUESTION_OPEN', params: { question: code } })),
        });
      const importId = await takeIn(tx, outside.clock(), book, {
        roster,
        compared,
        review,
        fileSha256,
        fileName: input.name,
        importedById: staffIdOf(caller),
      });
      return { outcome: 'imported', importId, review };
    } finally {
      book.close();
    }
  });
}

async function currentSchoolYear(db: Transaction['db'], now: Date): Promise<number> {
  const { yearStartMonth: month, yearStartDay: day } = await db.school.findFirstOrThrow();
  return schoolYearOf(now, { month, day });
}

function contactsIn({ email, phone }: RosterPerson) {
  return [
    ...(email === null ? [] : [{ kind: 'email' as const, value: email }]),
    ...(phone === null ? [] : [{ kind: 'phone' as const, value: phone }]),
  ];
}

function describe(
  roster: Roster,
  compared: RosterComparison,
  names: ReadonlyMap<Id, string>,
  asked: { readonly fileSha256: string; readonly schoolYear: number; readonly mapping: ColumnMapping | null },
): RosterReview {
  const byKey = new Map(roster.persons.map((person) => [person.key, person]));
  const nameOfId = (id: Id | undefined) => mustHave(names.get(id ?? ''), 'name of a person');
  // A file of changes may speak of people whom it does not tell of.
  const nameOfKey = (key: string) => byKey.get(key)?.name ?? nameOfId(compared.matched.get(key));
  const classesOf = Map.groupBy(compared.memberships, ({ person }) => person);
  const shown = {
    format: roster.format,
    schoolYear: asked.schoolYear,
    persons: roster.persons.length,
    added: compared.added.map(({ key, name, kinds }) => ({
      name,
      kinds: [...kinds],
      classes: (classesOf.get(key) ?? []).map(({ className }) => className),
    })),
    // A new address is said to be one, and not what it is; that a source has an identifier of its own is no news.
    changes: compared.changes
      .flatMap(({ field, ...rest }) => (field === 'source' ? [] : [{ field, ...rest }]))
      .map(({ personId, field, before, after }) => ({
        name: nameOfId(personId),
        field,
        before,
        after: field === 'contact' ? null : after,
      })),
    ended: compared.ended.map(({ personId, className }) => ({ name: nameOfId(personId), className })),
    guardianships: compared.links.length,
    undecided: compared.links
      .filter(({ authority }) => authority === 'undecided')
      .map(({ pupil, other }) => ({ pupil: nameOfKey(pupil), other: nameOfKey(other) })),
    unlisted: compared.unlisted.map(({ pupilId, guardianId }) => ({
      pupil: nameOfId(pupilId),
      guardian: nameOfId(guardianId),
    })),
    questions: [...compared.questions],
    notices: [...roster.notices],
    dropped: [...roster.dropped],
  };
  const bound = canonicalJson({ ...asked, shown, matched: [...compared.matched] });
  return { digest: createHash('sha256').update(bound).digest('hex'), ...shown };
}

interface TakenIn {
  readonly roster: Roster;
  readonly compared: RosterComparison;
  readonly review: RosterReview;
  readonly fileSha256: string;
  readonly fileName: string | null;
  readonly importedById: Id;
}

async function takeIn(tx: Transaction, now: Date, book: ContactBook, taken: TakenIn): Promise<Id> {
  const { roster, compared, review, fileSha256, fileName, importedById } = taken;
  const { db } = tx;
  const importId = randomUUID();
  const changed = new Set(compared.changes.map(({ personId }) => personId)).size;
  await db.rosterImport.create({
    data: {
      id: importId,
      format: roster.format,
      fileName,
      fileSha256,
      schoolYear: review.schoolYear,
      importedById,
      importedAt: now,
      added: compared.added.length,
      changed,
      ended: compared.ended.length,
    },
  });
  const idOf = new Map(compared.matched);
  for (const { key } of compared.added) idOf.set(key, randomUUID());
  const personOf = (key: string) => mustHave(idOf.get(key), `person ${key} of the roster`);

  await db.$executeRaw`
    INSERT INTO person (id, name, folded, roles, "schoolNumber")
    SELECT id, name, folded, roles::"PersonRole"[], number
      FROM unnest(${compared.added.map(({ key }) => personOf(key))}::uuid[], ${compared.added.map(({ name }) => name)}::text[],
                  ${compared.added.map(({ name }) => foldForSearch(name))}::text[],
                  ${compared.added.map(({ kinds }) => `{${kinds.join(',')}}`)}::text[],
                  ${compared.added.map(({ schoolNumber }) => schoolNumber)}::text[])
             AS added(id, name, folded, roles, number)`;
  await changePersons(db, compared);
  await addSources(db, roster, compared, personOf);
  await addContacts(db, book, importId, roster, compared, personOf);
  await keepClasses(db, now, importId, review.schoolYear, roster, compared, personOf);
  const tasks = await addGuardianships(db, now, importId, compared, personOf);
  await tx.log({
    action: 'roster.imported',
    outcome: 'done',
    object: { kind: 'roster_import', id: importId },
    details: {
      format: roster.format,
      fileSha256,
      added: compared.added.length,
      changed,
      ended: compared.ended.length,
      guardianships: compared.links.length,
      tasks,
    },
  });
  return importId;
}

async function changePersons(db: Transaction['db'], { changes }: RosterComparison): Promise<void> {
  const of = (field: PersonField) => {
    const found = changes.filter((change) => change.field === field);
    return { ids: found.map(({ personId }) => personId), values: found.map(({ after }) => after) };
  };
  const [names, numbers, roles] = [of('name'), of('schoolNumber'), of('role')];
  await db.$executeRaw`
    UPDATE person AS p SET name = n.name, folded = n.folded
      FROM unnest(${names.ids}::uuid[], ${names.values}::text[], ${names.values.map(foldForSearch)}::text[])
             AS n(id, name, folded)
     WHERE p.id = n.id`;
  await db.$executeRaw`
    UPDATE person AS p SET "schoolNumber" = n.number
      FROM unnest(${numbers.ids}::uuid[], ${numbers.values}::text[]) AS n(id, number)
     WHERE p.id = n.id`;
  await db.$executeRaw`
    UPDATE person AS p SET roles = p.roles || n.roles
      FROM (SELECT id, array_agg(role::"PersonRole") AS roles
              FROM unnest(${roles.ids}::uuid[], ${roles.values}::text[]) AS r(id, role) GROUP BY id) AS n
     WHERE p.id = n.id`;
}

type PersonOf = (key: string) => Id;

async function addSources(db: Transaction['db'], roster: Roster, compared: RosterComparison, personOf: PersonOf) {
  const isNew = new Set([
    ...compared.added.map(({ key }) => key),
    ...compared.changes.filter(({ field }) => field === 'source').map(({ key }) => key),
  ]);
  const sources = roster.persons.flatMap((person) => {
    const sourceId = sourceIdOf(person);
    return sourceId === null || !isNew.has(person.key) ? [] : [{ personId: personOf(person.key), sourceId }];
  });
  await db.$executeRaw`
    INSERT INTO person_source (id, "personId", format, "sourceId")
    SELECT gen_random_uuid(), person, ${roster.format}::"RosterFormat", source
      FROM unnest(${sources.map(({ personId }) => personId)}::uuid[], ${sources.map(({ sourceId }) => sourceId)}::text[])
             AS sources(person, source)
    ON CONFLICT DO NOTHING`;
}

async function addContacts(
  db: Transaction['db'],
  book: ContactBook,
  importId: Id,
  roster: Roster,
  compared: RosterComparison,
  personOf: PersonOf,
): Promise<void> {
  const known = new Set(compared.changes.filter(({ field }) => field === 'contact').map(({ key }) => key));
  const isAdded = new Set(compared.added.map(({ key }) => key));
  const contacts = roster.persons
    .filter(({ key }) => isAdded.has(key) || known.has(key))
    .flatMap((person) =>
      contactsIn(person).map(({ kind, value }) => {
        const id = randomUUID();
        const { file, line } = person.from;
        const locked = book.lock(id, value);
        return { id, personId: personOf(person.key), kind, locked, digest: book.digest(kind, value), file, line };
      }),
    );
  await db.$executeRaw`
    INSERT INTO contact (id, "personId", kind, locked, digest, "importId", file, line)
    SELECT id, person, kind::"ContactKind", locked, digest, ${importId}::uuid, file, line
      FROM unnest(${contacts.map(({ id }) => id)}::uuid[], ${contacts.map(({ personId }) => personId)}::uuid[],
                  ${contacts.map(({ kind }) => kind)}::text[], ${contacts.map(({ locked }) => locked)}::bytea[],
                  ${contacts.map(({ digest }) => digest)}::bytea[], ${contacts.map(({ file }) => file)}::text[],
                  ${contacts.map(({ line }) => line)}::int[])
             AS contacts(id, person, kind, locked, digest, file, line)
    ON CONFLICT DO NOTHING`;
}

async function keepClasses(
  db: Transaction['db'],
  now: Date,
  importId: Id,
  schoolYear: number,
  roster: Roster,
  compared: RosterComparison,
  personOf: PersonOf,
): Promise<void> {
  const names = [...new Set(compared.memberships.map(({ className }) => className))];
  await db.class.createMany({ data: names.map((name) => ({ schoolYear, name })), skipDuplicates: true });
  const classes = new Map((await db.class.findMany({ where: { schoolYear } })).map(({ id, name }) => [name, id]));
  const classOf = (name: string) => mustHave(classes.get(name), `class ${name}`);
  const sources = new Map(compared.memberships.map(({ classSourceId, className }) => [classSourceId, className]));
  await db.classSource.createMany({
    data: [...sources].flatMap(([sourceId, className]) =>
      sourceId === null ? [] : [{ classId: classOf(className), format: roster.format, sourceId }],
    ),
    skipDuplicates: true,
  });
  await db.$executeRaw`
    UPDATE class_member AS m SET until = ${now}
      FROM unnest(${compared.ended.map(({ personId }) => personId)}::uuid[],
                  ${compared.ended.map(({ className }) => classOf(className))}::uuid[]) AS ended(person, class)
     WHERE m."personId" = ended.person AND m."classId" = ended.class AND m.until IS NULL`;
  await db.$executeRaw`
    INSERT INTO class_member (id, "classId", "personId", "from", "importId")
    SELECT gen_random_uuid(), class, person, ${now}, ${importId}::uuid
      FROM unnest(${compared.memberships.map(({ className }) => classOf(className))}::uuid[],
                  ${compared.memberships.map(({ person }) => personOf(person))}::uuid[]) AS members(class, person)
    ON CONFLICT DO NOTHING`;
  for (const classId of classes.values()) await followClasses(db, { classId }, { now, from: now });
}

/** Returns how many tasks came with them. */
async function addGuardianships(
  db: Transaction['db'],
  now: Date,
  importId: Id,
  compared: RosterComparison,
  personOf: PersonOf,
): Promise<number> {
  const links = new Map(
    compared.links.map((link) => [`${personOf(link.pupil)} ${personOf(link.other)}`, link] as const),
  );
  const rows = [...links.values()];
  await db.$executeRaw`
    INSERT INTO guardianship (id, "pupilId", "guardianId", relation, authority, "from", "importId", file, line)
    SELECT gen_random_uuid(), pupil, guardian, relation::"Relation", authority::"Authority", ${now}, ${importId}::uuid, file, line
      FROM unnest(${rows.map(({ pupil }) => personOf(pupil))}::uuid[], ${rows.map(({ other }) => personOf(other))}::uuid[],
                  ${rows.map(({ relation }) => relation)}::text[],
                  ${rows.map(({ authority }) => (authority === 'may_sign' ? 'may_sign' : 'none'))}::text[],
                  ${rows.map(({ from }) => from.file)}::text[], ${rows.map(({ from }) => from.line)}::int[])
             AS rows(pupil, guardian, relation, authority, file, line)`;
  const tasks = [
    ...rows
      .filter(({ authority }) => authority === 'undecided')
      .map(({ pupil, other }) => ({
        kind: 'decide_guardianship' as const,
        personId: personOf(pupil),
        otherId: personOf(other),
      })),
    ...compared.unlisted.map(({ pupilId, guardianId }) => ({
      kind: 'guardian_not_listed' as const,
      personId: pupilId,
      otherId: guardianId,
    })),
    ...compared.notListed.map((personId) => ({ kind: 'pupil_not_listed' as const, personId, otherId: null })),
  ];
  const { count } = await db.task.createMany({
    data: tasks.map((task) => ({ ...task, importId })),
    skipDuplicates: true,
  });
  return count;
}
