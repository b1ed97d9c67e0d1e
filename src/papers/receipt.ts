import { readCheckpoint } from '../audit/checkpoint.ts';
import { evidenceDigest } from '../audit/evidence-digest.ts';
import type { EntryOnLog } from '../audit/receipt-format.ts';
import type { Evidence } from '../domain/evidence.ts';
import type { Language } from '../domain/language.ts';
import type { Terms, TermsText } from '../domain/terms.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { questionWords } from '../language/question-words.ts';
import type { Text } from '../language/texts.ts';
import type { Report, ReportBlock } from '../pipeline/ports/papers.ts';

export interface ReceiptGiven {
  readonly evidence: Evidence;
  readonly terms: Terms;
  readonly entry: EntryOnLog;
  /** SHA-256 of the receipt for machines (`audit/receipt.ts`), in hex. */
  readonly fileSha256: string;
  /** Title and time of the lesson that was objected to; null: the answer is about the course. */
  readonly lesson: string | null;
  /** Of the school, as an IANA name. */
  readonly timeZone: string;
}

/**
 * The receipt of one signature for people, in the reader's language; the texts that were read stand in the language in
 * which they were read. It is exact: a name that cannot be printed is refused, and the receipt for machines remains.
 */
export function writeReceiptReport(
  { evidence, terms, entry, fileSha256, lesson, timeZone }: ReceiptGiven,
  language: Language,
): Report {
  const { papers, labels } = textsIn(language);
  const t = papers.receipt;
  const { subject, signer, assurance } = evidence;
  const when = (at: string) =>
    new Intl.DateTimeFormat(t.locale, { dateStyle: 'long', timeStyle: 'medium', timeZone }).format(new Date(at));
  const dayOf = (day: string) =>
    new Intl.DateTimeFormat(t.locale, { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));
  const { origin, size, root } = readCheckpoint(entry.checkpoint);
  const relation = signer.relation === null ? [] : [labels.relation[signer.relation]];
  const withdrawal = evidence.tokenSha256 === null ? t.withdrawWithoutLink : t.withdraw;
  const facts: readonly (readonly [string, string])[] = [
    [t.school, terms.school],
    [t.course, terms.course],
    ...(lesson === null ? [] : [[t.lesson, lesson] as const]),
    [t.about, subject.class === null ? subject.name : `${subject.name} (${subject.class})`],
    [t.by, signer.name],
    [t.capacity, [t.capacities[signer.capacity], ...relation].join(', ')],
    ...(signer.typedName === null ? [] : [[t.typedName, signer.typedName] as const]),
    [t.at, `${when(evidence.answeredAt)} (${timeZone})`],
    [t.how, t.acts[evidence.act.kind]],
    ...(evidence.paper?.writtenDate ? [[t.writtenDate, dayOf(evidence.paper.writtenDate)] as const] : []),
    ...(evidence.paper ? [[t.receivedOn, dayOf(evidence.paper.receivedOn)] as const] : []),
    [t.level, `${assurance.level}: ${t.levels[assurance.level]}`],
  ];
  const blocks: ReportBlock[] = [
    { text: t.leads[evidence.event] },
    { facts },
    { heading: t.answers },
    {
      header: [t.question, t.meaning, t.answer],
      widths: [0.34, 0.52, 0.14],
      isLarge: true,
      rows: evidence.answers.map(({ answer, ...question }) => {
        const { label, text } = questionWords(question, 'adult', language);
        return [label, text, t.answerWords[answer]];
      }),
    },
    { heading: t.changing },
    { text: withdrawal },
    { heading: t.terms },
    {
      facts: [
        [t.reason, terms.reason],
        [t.channel, terms.channel],
        [t.sites, terms.sites.join(', ')],
        [t.time, `${dayOf(terms.from)} – ${dayOf(terms.until)}`],
        [t.keptUntil, terms.keptUntil === null ? t.byRules : dayOf(terms.keptUntil)],
      ],
    },
    ...(evidence.notice === null ? [] : textBlocks(t.notice, terms.texts[evidence.notice.language].notice)),
    ...(evidence.consent === null ? [] : textBlocks(t.consent, terms.texts[evidence.consent.language].consent)),
    { heading: t.checking },
    { text: t.howToCheck },
    {
      facts: [
        [t.evidence, evidenceDigest(evidence)],
        [t.file, fileSha256],
        [t.termsDigest, evidence.terms],
        [t.log, origin],
        [t.entry, `${entry.seq} / ${size}`],
        [t.root, root.toString('base64')],
        [t.key, entry.key],
        [t.utc, evidence.answeredAt],
      ],
    },
    { text: t.limits },
  ];
  return {
    language,
    title: t.titles[evidence.event],
    at: new Date(evidence.answeredAt),
    foot: `${terms.school} · ${evidence.answeredAt} · ${evidence.id}`,
    blocks,
    isExact: true,
  };
}

function textBlocks(title: Text<'version'>, { version, text }: TermsText): ReportBlock[] {
  return [{ heading: fill(title, { version }) }, { text: inLines(text) }];
}

/** Line ends and tabs as other programs write them are no letters. */
const inLines = (text: string) => text.replaceAll(/\r\n?/g, '\n').replaceAll('\t', ' ').trim();
