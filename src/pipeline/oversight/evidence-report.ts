import { readCheckpoint } from '../../audit/checkpoint.ts';
import type { AuditEntry } from '../../audit/entry.ts';
import { auditActions } from '../../domain/audit-event.ts';
import { decisionNames } from '../../domain/decision.ts';
import { stateNames } from '../../domain/lifecycle.ts';
import { statusNames } from '../../domain/permission.ts';
import type { Report, ReportBlock } from '../ports/papers.ts';
import type { EvidenceRecord, EvidenceSubject } from './evidence-record.ts';
import type { KnownPerson } from './resolve-persons.ts';

type Language = 'tr' | 'en';

interface Given extends EvidenceRecord {
  readonly about: EvidenceSubject;
  readonly madeAt: string;
  readonly checkpoint: string;
  readonly key: string;
  readonly persons: readonly KnownPerson[];
}

const words = {
  title: { tr: 'Kanıt paketi', en: 'Evidence pack' },
  recording: { tr: 'Kayıt', en: 'Recording' },
  participant: { tr: 'Katılımcı', en: 'Participant' },
  about: { tr: 'Konu', en: 'About' },
  madeAt: { tr: 'Alındığı an', en: 'Made at' },
  log: { tr: 'Günlük', en: 'Log' },
  root: { tr: 'Ağacın kökü', en: 'Root of the tree' },
  key: { tr: 'Günlüğün anahtarı', en: 'Key of the log' },
  entries: { tr: 'Günlük kayıtları', en: 'Entries of the log' },
  lead: {
    tr: 'Bu rapor insanlar içindir. Denetlenebilir olan, paketteki log.jsonl dosyasıdır: her kayıt, imzalı günlükte bulunduğunun kanıtını taşır. Denetlemek için: emanet-verify PAKET. Saatler UTC’dir.',
    en: 'This report is for people. What can be verified is log.jsonl in the pack: each entry carries the proof that it is on the signed log. To verify: emanet-verify PACK. Times are UTC.',
  },
  lesson: { tr: 'Ders', en: 'Lesson' },
  reason: { tr: 'Kaydın nedeni', en: 'Reason for recording' },
  planned: { tr: 'Planlanan zaman', en: 'Planned' },
  supervisor: { tr: 'Gözeten çalışan', en: 'Supervising member of staff' },
  channel: { tr: 'Kanal', en: 'Channel' },
  announced: { tr: 'Duyuru', en: 'Announcement' },
  permissions: { tr: 'İzin kaydı', en: 'Permission record' },
  subject: { tr: 'Kimin', en: 'Of whom' },
  status: { tr: 'Durum', en: 'Status' },
  signer: { tr: 'İmzalayan', en: 'Signed by' },
  signedAt: { tr: 'İmza tarihi', en: 'Signed at' },
  validUntil: { tr: 'Geçerlilik sonu', en: 'Valid until' },
  document: { tr: 'Belgenin SHA-256 özeti', en: 'SHA-256 of the document' },
  state: { tr: 'Durumu', en: 'State' },
  uploadedBy: { tr: 'Yükleyen', en: 'Uploaded by' },
  clearedBy: { tr: 'İnceleyen', en: 'Reviewed by' },
  approvedBy: { tr: 'Onaylayan', en: 'Approved by' },
  media: { tr: 'Kaydın SHA-256 özeti', en: 'SHA-256 of the media' },
  attendance: { tr: 'Yoklama', en: 'Attendance' },
  notKnown: { tr: 'bilinmiyor', en: 'not known' },
  decisions: { tr: 'Bölümler ve kararlar', en: 'Segments and decisions' },
  segment: { tr: 'Bölüm', en: 'Segment' },
  decision: { tr: 'Karar', en: 'Decision' },
  by: { tr: 'Kim', en: 'By' },
  at: { tr: 'Ne zaman', en: 'When' },
  releases: { tr: 'Yayınlar', en: 'Releases' },
  accesses: { tr: 'Kim gördü ya da dışa aktardı', en: 'Who saw or exported it' },
  stills: { tr: 'Bölüm görseli', en: 'Stills' },
  documents: { tr: 'İmzalı belge', en: 'Documents' },
  seconds: { tr: 'Saniyeler (yaklaşık)', en: 'Seconds (roughly)' },
  exports: { tr: 'Dışa aktarma', en: 'Exports' },
  none: { tr: 'Yok', en: 'None' },
  what: { tr: 'Ne oldu', en: 'What happened' },
  outcome: { tr: 'Sonuç', en: 'Outcome' },
  system: { tr: 'sistem', en: 'system' },
  nobody: { tr: 'oturumsuz', en: 'not signed in' },
  someone: { tr: 'anahtarı silinmiş kişi', en: 'a person whose key was erased' },
  shown: { tr: 'Son {n} kayıt; tamamı log.jsonl dosyasında', en: 'The last {n} entries; all of them are in log.jsonl' },
} as const;
const audiences: Readonly<Record<string, { tr: string; en: string }>> = {
  class: { tr: 'sınıf', en: 'the class' },
  school: { tr: 'okul', en: 'the school' },
  sites: { tr: 'katılan noktalar', en: 'the sites that took part' },
  families: { tr: 'aileler', en: 'families' },
};
const outcomes: Readonly<Record<string, { tr: string; en: string }>> = {
  done: { tr: 'yapıldı', en: 'done' },
  refused: { tr: 'reddedildi', en: 'refused' },
  failed: { tr: 'başarısız', en: 'failed' },
};

/** The report of an evidence pack in one language; `printed` are the newest of `count` entries, oldest first. */
export function writeReport(
  record: Given,
  printed: readonly { readonly seq: number; readonly entry: AuditEntry }[],
  count: number,
  language: Language,
): Report {
  const t = Object.fromEntries(Object.entries(words).map(([key, pair]) => [key, pair[language]])) as Record<
    keyof typeof words,
    string
  >;
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
          [t.attendance, t.notKnown],
        ],
      },
      { heading: t.permissions },
      lesson.permissions.length === 0
        ? { text: t.none }
        : {
            header: [t.subject, t.status, t.signer, t.signedAt, t.validUntil, t.document],
            widths: [0.18, 0.12, 0.17, 0.13, 0.13, 0.27],
            rows: lesson.permissions.map((one) => [
              subjects.get(one.siteId ?? one.participantId ?? '') ?? '–',
              statusNames[one.status][language],
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
        decisionNames[one.kind]?.[language] ?? one.kind,
        one.decidedBy ?? '–',
        when(one.decidedAt),
      ]),
    );
    blocks.push(
      { heading: `${t.recording} ${recording.id}` },
      {
        facts: [
          [t.state, stateNames[recording.state][language]],
          [t.media, recording.sealed?.mediaSha256 ?? '–'],
          [t.uploadedBy, `${recording.uploadedBy ?? '–'}, ${when(recording.createdAt)}`],
          [t.clearedBy, recording.clearedAt ? `${recording.clearedBy ?? '–'}, ${when(recording.clearedAt)}` : '–'],
          [t.approvedBy, recording.approvedAt ? `${recording.approvedBy ?? '–'}, ${when(recording.approvedAt)}` : '–'],
          [
            t.releases,
            recording.releases
              .map(
                (one) =>
                  `${audiences[one.audience]?.[language] ?? one.audience}, ${one.releasedBy ?? '–'}, ${when(one.releasedAt)}–${when(one.endedAt ?? one.endsAt)}`,
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
    ...(printed.length < count ? [{ text: t.shown.replace('{n}', String(printed.length)) }] : []),
    {
      header: ['#', t.at, t.by, t.what, t.outcome],
      widths: [0.08, 0.18, 0.22, 0.38, 0.14],
      rows: printed.map(({ seq, entry }) => [
        String(seq),
        when(entry.at),
        whoIs(entry.actor),
        auditActions[entry.action]?.[language] ?? entry.action,
        outcomes[entry.outcome]?.[language] ?? entry.outcome,
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

/** What lies in the pack and how to verify it, in both languages. */
export function readMe(key: string): string {
  return `Emanet: kanıt paketi / evidence pack

TÜRKÇE
  report-tr.pdf   okumak için
  record.json     aynı bilgiler, veri olarak
  log.jsonl       günlüğün ilgili kayıtları, her biri kanıtıyla
  manifest.json   öteki dosyaların SHA-256 özetleri; kendi özeti günlüğün son kaydındadır
Denetlemek (ağ gerekmez):  emanet-verify PAKET.zip --key ANAHTAR
Anahtarı paketten değil, okuldan alın. Paketin söylediği anahtar:
  ${key}

ENGLISH
  report-en.pdf   to be read
  record.json     the same, as data
  log.jsonl       the entries of the log that concern it, each with its proof
  manifest.json   SHA-256 of the other files; its own stands in the last entry of the log
To verify (no network needed):  emanet-verify PACK.zip --key KEY
Take the key from the school, not from the pack. The key that the pack states:
  ${key}
`;
}
