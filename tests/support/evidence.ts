import { randomUUID } from 'node:crypto';
import { canonicalJson } from '../../src/audit/canonical-json.ts';
import { evidenceDigest } from '../../src/audit/evidence-digest.ts';
import type { EntryOnLog } from '../../src/audit/receipt-format.ts';
import type { NoteSigner } from '../../src/audit/signed-note.ts';
import { termsDigest } from '../../src/audit/terms-digest.ts';
import type { Evidence } from '../../src/domain/evidence.ts';
import { makeTerms, questionsOf, type Terms } from '../../src/domain/terms.ts';
import { keyOf, TestLog, testSigner } from './log.ts';

const texts = (language: string) => ({
  notice: { version: 1, text: `notice in ${language}` },
  consent: { version: 1, text: `consent in ${language}` },
});

/** Terms of an invented course. */
export const someTerms = (given: Partial<Terms> = {}): Terms =>
  makeTerms({
    school: 'Çınaraltı Ortaokulu',
    course: 'Fizik 10/A',
    reason: 'Derse gelemeyen öğrenciler izleyebilsin',
    channel: 'Örnek Görüntülü Ders',
    sites: ['Çınaraltı Ortaokulu'],
    from: '2026-02-09',
    until: '2026-06-19',
    purposes: ['record', 'keep', 'release'],
    audiences: ['class', 'families'],
    keptUntil: '2026-09-30',
    texts: { tr: texts('tr'), en: texts('en') },
    ...given,
  });

/** What an invented guardian answered through the link: yes to everything but the release to families. */
export function someEvidence(terms: Terms = someTerms(), given: Partial<Evidence> = {}): Evidence {
  return {
    v: 1,
    id: randomUUID(),
    event: 'answered',
    course: randomUUID(),
    lesson: null,
    request: randomUUID(),
    permission: randomUUID(),
    subject: { kind: 'person', id: randomUUID(), name: 'Ilgın Şahingöz', class: '10/I' },
    signer: {
      id: randomUUID(),
      name: 'Gülçin Şahingöz',
      typedName: 'gülçin şahingöz',
      capacity: 'guardian',
      relation: 'mother',
      declaresResponsibility: true,
    },
    terms: termsDigest(terms),
    notice: { language: 'tr', version: 1, at: '2026-02-03T17:04:10.000Z' },
    consent: { language: 'tr', version: 1, at: '2026-02-03T17:05:31.250Z' },
    answers: questionsOf(terms).map((question) => ({
      ...question,
      answer: question.audience === 'families' ? 'no' : 'yes',
    })),
    route: 'electronic',
    act: {
      kind: 'typed',
      strokesSha256: null,
      signatureSha256: null,
      ticks: [{ label: 'Bilgilendirmeyi okudum.', ticked: true }],
      button: 'Gönder',
      notedBy: null,
    },
    openedAt: '2026-02-03T17:03:00.000Z',
    answeredAt: '2026-02-03T17:05:31.250Z',
    tokenSha256: 'a'.repeat(64),
    sending: {
      at: '2026-02-02T09:00:00.000Z',
      addressSha256: 'b'.repeat(64),
      addressMask: 'g…@posta.example',
      messageId: '<1@okul.example>',
      smtpReply: '250 2.0.0 Ok',
    },
    assurance: { level: 3, checks: ['link', 'typed_name', 'phone_digits'], attempts: 1 },
    device: { zone: 'Europe/Istanbul', addressHmac: 'c'.repeat(64), agentHmac: 'd'.repeat(64) },
    paper: null,
    supersedes: null,
    ...given,
  };
}

/** The entry of an answer on a log of `size` entries, where it is number `seq`. */
export function entryOnLog(
  evidence: Evidence,
  {
    seq = 7,
    size = 12,
    signer = testSigner(),
    details = { evidence: evidenceDigest(evidence) },
    outcome = 'done',
  }: { seq?: number; size?: number; signer?: NoteSigner; details?: object; outcome?: string } = {},
): EntryOnLog & { readonly log: TestLog } {
  const canonical = canonicalJson({
    v: 1,
    id: randomUUID(),
    at: '2026-02-03T17:05:31.300Z',
    actor: { kind: 'nobody' },
    action: 'permission.granted',
    outcome,
    details,
  });
  const log = new TestLog(TestLog.of(size, signer).texts.with(seq - 1, canonical), signer);
  return { seq, canonical, proof: log.proof(seq), checkpoint: log.note(), key: keyOf(signer), log };
}
