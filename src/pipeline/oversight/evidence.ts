import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { AuditEntry } from '../../audit/entry.ts';
import { logName, manifestName, type PackManifest } from '../../audit/evidence.ts';
import { formatLine, toEntryLine } from '../../audit/export-format.ts';
import { pseudonymsIn } from '../../audit/pseudonym.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import type { Report } from '../ports/papers.ts';
import { AuditQuery, type AuditScope, type FoundEntry } from './audit-query.ts';
import { type EvidenceRecord, type EvidenceSubject, gatherRecord } from './evidence-record.ts';
import { findParticipants } from './find-participants.ts';
import { integrateLog, type SignedCheckpoint } from './integrate-log.ts';
import { ownKey } from './note-reading.ts';
import { type KnownPerson, resolvePersons } from './resolve-persons.ts';
import { TreeReader } from './tree-reader.ts';
import { findCosigned } from './witness-log.ts';

type Needs = Pick<Outside, 'database' | 'logSigner' | 'papers' | 'clock' | 'witness'>;

/** Entries that the printed report shows; `log.jsonl` has them all. */
const mostPrinted = 500;

/** What the pack gives. */
export interface EvidenceGiven extends EvidenceRecord {
  readonly about: EvidenceSubject;
  readonly madeAt: string;
  readonly checkpoint: string;
  readonly key: string;
  readonly persons: readonly KnownPerson[];
}

/** Who puts a pack into words: a report in each language, and the note that lies beside them (`papers/evidence-report.ts`). */
export interface EvidenceWords {
  reports(
    given: EvidenceGiven,
    printed: readonly { readonly seq: number; readonly entry: AuditEntry }[],
    count: number,
  ): readonly Report[];
  readMe(key: string): string;
}

/**
 * The evidence about one recording or one participant in a single file: permission record, gate, decisions, approvals,
 * accesses, every entry with its proof, and a report in both languages (audit/evidence.ts says how it hangs together). That
 * it was made is on the log before the first octet leaves. Policy P4, P10. @throws Refusal `NOT_FOUND`.
 */
export async function makeEvidencePack(
  outside: Needs,
  caller: Caller,
  about: EvidenceSubject,
  written: EvidenceWords,
): Promise<Readable> {
  const { database, papers, clock } = outside;
  const scope = await scopeOf(outside, about);
  const query = await AuditQuery.of(database.read, {}, scope);
  const before = await integrateLog(outside);
  const found = await digestEntries(query, outside, before);
  const madeAt = clock();
  const record = {
    about,
    madeAt: madeAt.toISOString(),
    checkpoint: before.note,
    key: ownKey(outside),
    /** The newest checkpoint, with what a witness signed of it. */
    witnessed: outside.witness ? await findCosigned(outside) : null,
    ...(await gatherRecord(database.read, about, scope, before)),
    persons: await namesIn(outside, about, found.pseudonyms),
  };
  const files: Record<string, Buffer> = {
    'record.json': Buffer.from(`${JSON.stringify(record, null, 2)}\n`, 'utf8'),
    'README.txt': Buffer.from(written.readMe(ownKey(outside)), 'utf8'),
  };
  for (const report of written.reports(record, found.printed, found.count))
    files[`report-${report.language}.pdf`] = await papers.pdf(report);
  const manifest: PackManifest = {
    format: 'emanet-evidence',
    v: 1,
    about,
    madeAt: madeAt.toISOString(),
    entries: found.count,
    leaves: found.leaves,
    files: Object.fromEntries(Object.entries(files).map(([name, octets]) => [name, sha256(octets)])),
  };
  const manifestOctets = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`, 'utf8');
  const own = await putOnLog(outside, caller, about, { manifest: sha256(manifestOctets), entries: found.count });
  return papers.zip(
    [
      { name: manifestName, octets: manifestOctets },
      ...Object.entries(files).map(([name, octets]) => ({ name, octets })),
      { name: logName, octets: logLines(outside, query, about, before, own) },
    ],
    madeAt,
  );
}

/** Whom the pack names. What it says of one child is given to their family: other children stay pseudonyms in it. */
async function namesIn({ database: { read } }: Needs, about: EvidenceSubject, pseudonyms: ReadonlySet<string>) {
  const persons = await resolvePersons(read, [...pseudonyms]);
  if (about.kind === 'recording') return persons;
  return persons.filter(({ kind, id }) => kind === 'staff' || id === about.id);
}

async function scopeOf({ database: { read } }: Needs, about: EvidenceSubject): Promise<AuditScope> {
  if (about.kind === 'participant') {
    const { participants, scope } = await findParticipants(read, { id: about.id });
    if (participants.length === 0) throw new Refusal('NOT_FOUND');
    return scope;
  }
  const recording = await read.recording.findUnique({
    where: { id: about.id },
    select: {
      lesson: { select: { id: true, courseId: true, course: { select: { permissions: { select: { id: true } } } } } },
    },
  });
  if (!recording) throw new Refusal('NOT_FOUND');
  const { id, courseId, course } = recording.lesson;
  // What was permitted stands on the log under the lesson, or under the course and its permissions.
  const objects = [courseId, ...course.permissions.map((permission) => permission.id)];
  return { persons: [], lessons: [id], recordings: [about.id], objects };
}

async function digestEntries(query: AuditQuery, { database }: Needs, { size }: SignedCheckpoint) {
  const leaves = createHash('sha256');
  const pseudonyms = new Set<string>();
  const printed: { seq: number; entry: AuditEntry }[] = [];
  let count = 0;
  for await (const { seq, canonical, leafHash } of query.walk(database.read, size)) {
    count += 1;
    leaves.update(leafHash);
    for (const pseudonym of pseudonymsIn(canonical)) pseudonyms.add(pseudonym);
    printed.push({ seq, entry: JSON.parse(canonical) as AuditEntry });
    if (printed.length > mostPrinted) printed.shift();
  }
  return { count, leaves: leaves.digest('hex'), pseudonyms, printed };
}

/** Returns the entry that vouches for the pack, and a checkpoint that covers it. */
async function putOnLog(
  outside: Needs,
  caller: Caller,
  about: EvidenceSubject,
  details: { readonly manifest: string; readonly entries: number },
): Promise<{ entry: FoundEntry; checkpoint: SignedCheckpoint }> {
  const { database } = outside;
  const recordingId = about.kind === 'recording' ? about.id : undefined;
  await database.transact(caller, (tx) =>
    tx.log({
      action: 'audit.pack_made',
      outcome: 'done',
      object: { kind: about.kind, id: about.id, recordingId },
      details: { about: about.kind, ...details },
    }),
  );
  const checkpoint = await integrateLog(outside);
  const own = await AuditQuery.of(database.read, { action: 'audit.pack_made' });
  for (const entry of await own.page(database.read, checkpoint.size, 100))
    if (entry.canonical.includes(details.manifest)) return { entry, checkpoint };
  throw new Error('the entry of the pack is not on the log');
}

async function* logLines(
  outside: Needs,
  query: AuditQuery,
  about: EvidenceSubject,
  before: SignedCheckpoint,
  own: { readonly entry: FoundEntry; readonly checkpoint: SignedCheckpoint },
): AsyncGenerator<Uint8Array> {
  const { database } = outside;
  const tree = new TreeReader(database.read, own.checkpoint.size);
  const line = (value: Parameters<typeof formatLine>[0]) => Buffer.from(formatLine(value), 'utf8');
  yield line({
    format: 'emanet-log',
    v: 1,
    entries: 'some',
    filter: { evidence: about.kind },
    checkpoint: own.checkpoint.note,
    key: ownKey(outside),
  });
  let count = 0;
  const proven = async ({ seq, canonical, leafHash }: FoundEntry) => {
    count += 1;
    return line(toEntryLine(seq, canonical, leafHash, await tree.inclusion(seq)));
  };
  for await (const entry of query.walk(database.read, before.size)) yield await proven(entry);
  yield await proven(own.entry);
  yield line({ end: count });
}

function sha256(octets: Uint8Array): string {
  return createHash('sha256').update(octets).digest('hex');
}
