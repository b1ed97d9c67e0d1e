import { readCheckpoint } from '../audit/checkpoint.ts';
import type { AuditEntry } from '../audit/entry.ts';
import type { AuditAction } from '../domain/audit-event.ts';
import { type Language, languageTags } from '../domain/language.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import type { EvidenceGiven, EvidenceWords } from '../pipeline/oversight/evidence.ts';
import type { Report, ReportBlock } from '../pipeline/ports/papers.ts';

/** The report of an evidence pack in one language; `printed` are the newest of `count` entries, oldest first. */
export function writeReport(
  record: EvidenceGiven,
  printed: readonly { readonly seq: number; readonly entry: AuditEntry }[],
  count: number,
  language: Language,
): Report {
  const t = textsIn(language).papers.evidence;
  const { labels } = textsIn(language);
  const when = (at: Date | string | null) =>
    at === null ? '–' : new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  const names = new Map(record.persons.map(({ pseudonym, name }) => [pseudonym, name]));
  const whoIs = ({ kind, id }: { readonly kind: string; readonly id?: string | null | undefined }) => {
    if (kind === 'nobody' || !id) return t.nobody;
    if (kind === 'system') return `${t.system} (${id})`;
    return names.get(id) ?? t.someone;
  };
  const { origin, size, root } = readCheckpoint(record.checkpoint);
  const blocks: ReportBlock[] = [
    { text: t.lead },
    {
      facts: [
        [t.about, `${t[record.about.kind]} ${record.about.id}`],
        [t.madeAt, when(record.madeAt)],
        [t.log, `${origin}, ${size}`],
        [t.root, root.toString('base64')],
        [t.key, record.key],
      ],
    },
  ];
  for (const lesson of record.lessons) {
    const reports = record.attendance.filter(({ lessonId }) => lessonId === lesson.id);
    const subjects = new Map([...lesson.sites, ...lesson.participants].map(({ id, name }) => [id, name]));
    blocks.push(
      { heading: `${t.lesson}: ${lesson.title}` },
      {
        facts: [
          [t.reason, lesson.reason],
          [t.planned, `${when(lesson.plannedStart)} – ${when(lesson.plannedEnd)}`],
          [t.supervisor, lesson.supervisorName],
          [t.channel, lesson.channel.name],
          [t.announced, lesson.announcedAt ? `${when(lesson.announcedAt)}, ${lesson.announcedBy}` : t.none],
          [
            t.attendance,
            reports.length === 0 ? t.notKnown : reports.map(({ tool }) => labels.attendanceTool[tool]).join(', '),
          ],
        ],
      },
      ...(reports.length === 0
        ? []
        : [
            { heading: t.attendance },
            {
              header: [t.subject, t.joined, t.left, t.decision],
              widths: [0.4, 0.17, 0.17, 0.26],
              rows: reports.flatMap(({ rows }) =>
                rows.map((row) => [
                  row.name,
                  when(row.joinedAt),
                  when(row.leftAt),
                  row.decision === null ? labels.attendeeState[row.state] : labels.attendeeDecision[row.decision],
                ]),
              ),
            },
          ]),
      { heading: t.permissions },
      lesson.permissions.length === 0
        ? { text: t.none }
        : {
            header: [t.subject, t.status, t.signer, t.signedAt, t.validUntil, t.document],
            widths: [0.18, 0.12, 0.17, 0.13, 0.13, 0.27],
            rows: lesson.permissions.map((one) => [
              subjects.get(one.siteId ?? one.participantId ?? '') ?? '–',
              textsIn(language).labels.permissionStatus[one.status],
              one.signerName ?? '–',
              when(one.signedAt),
              when(one.validUntil),
              one.documentSha256 ?? '–',
            ]),
          },
    );
  }
  for (const recording of record.recordings) {
    const decided = recording.segments.flatMap(({ startMs, endMs, findings, decisions }) =>
      decisions.map((one) => [
        `${Math.round(startMs / 1000)}–${Math.round(endMs / 1000)} s ${findings.find(({ title }) => title !== null)?.title ?? ''}`,
        one.kind === null ? t.takenBack : textsIn(language).labels.decision[one.kind],
        one.decidedBy ?? '–',
        when(one.decidedAt),
      ]),
    );
    blocks.push(
      { heading: `${t.recording} ${recording.id}` },
      {
        facts: [
          [t.state, textsIn(language).labels.recordingState[recording.state]],
          [t.media, recording.sealed?.mediaSha256 ?? '–'],
          [t.uploadedBy, `${recording.uploadedBy ?? '–'}, ${when(recording.createdAt)}`],
          [t.clearedBy, recording.clearedAt ? `${recording.clearedBy ?? '–'}, ${when(recording.clearedAt)}` : '–'],
          [t.approvedBy, recording.approvedAt ? `${recording.approvedBy ?? '–'}, ${when(recording.approvedAt)}` : '–'],
          [
            t.releases,
            recording.releases
              .map(
                (one) =>
                  `${textsIn(language).labels.audience[one.audience]}, ${one.releasedBy ?? '–'}, ${when(one.releasedAt)}–${when(one.endedAt ?? one.endsAt)}`,
              )
              .join('; ') || t.none,
          ],
        ],
      },
      ...(decided.length === 0
        ? []
        : [
            { heading: t.decisions },
            { header: [t.segment, t.decision, t.by, t.at], widths: [0.4, 0.2, 0.2, 0.2], rows: decided },
          ]),
      { heading: t.accesses },
      recording.accesses.length === 0
        ? { text: t.none }
        : {
            header: [t.by, t.at, t.seconds, t.exports, t.stills, t.documents],
            widths: [0.24, 0.26, 0.2, 0.1, 0.1, 0.1],
            rows: recording.accesses.map((one) => [
              whoIs(one.actor),
              `${when(one.firstAt)} – ${when(one.lastAt)}`,
              one.seconds.map(([from, until]) => `${from}–${until}`).join(', ') || '–',
              String(one.exports),
              String(one.stills),
              String(one.documents),
            ]),
          },
    );
  }
  blocks.push(
    { heading: `${t.entries} (${count})` },
    ...(printed.length < count ? [{ text: fill(t.shown, { n: printed.length }) }] : []),
    {
      header: ['#', t.at, t.by, t.what, t.outcome],
      widths: [0.08, 0.18, 0.22, 0.38, 0.14],
      rows: printed.map(({ seq, entry }) => [
        String(seq),
        when(entry.at),
        whoIs(entry.actor),
        textsIn(language).labels.auditAction[entry.action as AuditAction] ?? entry.action,
        textsIn(language).labels.outcome[entry.outcome] ?? entry.outcome,
      ]),
    },
  );
  const at = new Date(record.madeAt);
  return {
    language,
    title: `${t.title} – Emanet`,
    at,
    foot: `${origin} · ${when(at)} UTC · ${record.about.id}`,
    blocks,
  };
}

/** The contents of the pack and how to verify it, in every language. */
function readMe(key: string): string {
  const parts = languageTags.map((language) => fill(textsIn(language).papers.evidence.readMe, { key }));
  return `Emanet\n\n${parts.join('\n\n')}\n`;
}

export const evidenceWords: EvidenceWords = {
  reports: (given, printed, count) => languageTags.map((language) => writeReport(given, printed, count, language)),
  readMe,
};
