import type { Language } from '../domain/language.ts';
import { type Question, questionsOf, type Terms } from '../domain/terms.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import type { SheetBoxes, SheetToPrint, SheetWords } from '../pipeline/paper/sheet-words.ts';
import type { PaperSheet, SheetBlock } from '../pipeline/ports/papers.ts';

/** A sheet in words: the same facts, questions and texts as on the page of the same terms. */
export function writeSheet(sheet: SheetToPrint): PaperSheet {
  const { language, terms, subject, signer } = sheet;
  const t = textsIn(language).papers.sheet;
  const subjectLine = subject.className === null ? subject.name : `${subject.name} (${subject.className})`;
  return {
    language,
    code: sheet.code,
    title: t.title,
    names: [subject.name, ...(subject.className === null ? [] : [subject.className]), ...(signer ? [signer.name] : [])],
    head: [
      terms.school,
      fill(t.course, { course: terms.course }),
      fill(t.subject, { subject: subjectLine }),
      signer === null ? t.toWhoever : fill(t.to, { name: signer.name, relation: t.relation[signer.relation] }),
    ],
    pageText: (page, pages) => fill(t.page, { page, pages }),
    blocks: [
      { text: t.lead },
      { heading: t.factsHeading },
      { facts: factsOf(terms, language) },
      ...textBlocks(sheet),
      { heading: t.answersHeading },
      { text: t.answersLead },
      ...questionsOf(terms).map((question) => ({ question: askIn(language, question), choices: [t.yes, t.no] })),
      { text: '' },
      { text: t.noIsFine },
      { text: withdrawalIn(sheet) },
      { together: signatureBlocks(language), framed: false },
      { together: officeBlocks(language), framed: true },
    ],
  };
}

function factsOf(terms: Terms, language: Language): (readonly [string, string])[] {
  const { papers, labels } = textsIn(language);
  const t = papers.sheet;
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' });
  const day = (date: string) => format.format(new Date(`${date}T00:00:00Z`));
  const isKept = terms.purposes.some((purpose) => purpose === 'record' || purpose === 'keep');
  return [
    [t.reason, terms.reason],
    [t.channel, terms.channel],
    [t.sites, terms.sites.join('; ')],
    [t.period, fill(t.fromUntil, { from: day(terms.from), until: day(terms.until) })],
    ...(isKept ? [[t.keptUntil, terms.keptUntil === null ? t.keptByRules : day(terms.keptUntil)] as const] : []),
    ...(terms.audiences.length === 0
      ? []
      : [[t.audiences, terms.audiences.map((audience) => labels.audience[audience]).join(', ')] as const]),
  ];
}

/** The information and the consent, each with a box of its own: they are two acts. */
function textBlocks({ language, terms }: SheetToPrint): SheetBlock[] {
  const t = textsIn(language).papers.sheet;
  const { notice, consent } = terms.texts[language];
  return [
    { heading: fill(t.noticeHeading, { version: notice.version }) },
    { text: plain(notice.text) },
    { tick: t.noticeTick },
    { heading: fill(t.consentHeading, { version: consent.version }) },
    { text: plain(consent.text) },
    { tick: t.consentTick },
  ];
}

/** Whatever ends a line in a text becomes a line feed; paper has no tabs. */
const plain = (text: string) => text.replaceAll(/\r\n?/g, '\n').replaceAll('\t', ' ').trim();

function askIn(language: Language, { purpose, audience }: Question): string {
  const { ask } = textsIn(language).papers.sheet;
  if (purpose !== 'release') return ask[purpose];
  if (audience === null) throw new Error('a release is asked for without an audience');
  return ask.release[audience];
}

function withdrawalIn({ language, withdrawal: { office, address } }: SheetToPrint): string {
  const t = textsIn(language).papers.sheet;
  return [fill(t.withdraw, { office }), ...(address === null ? [] : [fill(t.withdrawOnline, { address })])].join(' ');
}

function signatureBlocks(language: Language): SheetBlock[] {
  const t = textsIn(language).papers.sheet;
  return [
    { heading: t.signatureHeading },
    {
      blanks: [
        { label: t.printedName, share: 0.4 },
        { label: t.signature, share: 0.33 },
        { label: t.date, share: 0.27 },
      ],
    },
  ];
}

function officeBlocks(language: Language): SheetBlock[] {
  const t = textsIn(language).papers.sheet;
  return [
    { heading: t.officeHeading },
    { question: t.officeBefore, choices: [t.yes, t.no] },
    {
      blanks: [
        { label: t.officeReceived, share: 0.6 },
        { label: t.officeInitials, share: 0.4 },
      ],
    },
  ];
}

/** See `SheetBoxes`. */
function boxesOf(terms: Terms, language: Language): SheetBoxes {
  const t = textsIn(language).papers.sheet;
  return {
    notice: t.noticeTick,
    consent: t.consentTick,
    questions: questionsOf(terms).map((question) => askIn(language, question)),
    yes: t.yes,
    no: t.no,
    beforeLesson: t.officeBefore,
  };
}

/** The words of sheets. */
export const sheetWords: SheetWords = { write: writeSheet, boxes: boxesOf };
