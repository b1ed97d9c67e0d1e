import type { Day } from './calendar.ts';
import type { Answer } from './evidence.ts';
import { foldForSearch } from './person.ts';
import type { Reason } from './reason.ts';

/** What stands in the two boxes of one question. `none`: no tick, or two. It is never taken for a yes. */
export const sheetAnswers = ['yes', 'no', 'none'] as const;
export type SheetAnswer = (typeof sheetAnswers)[number];

/** What a person typed off a signed sheet. */
export interface SheetReading {
  /** One for each question of the terms, in their order. */
  readonly answers: readonly SheetAnswer[];
  /** The boxes of the information and of the consent: two acts. */
  readonly isNoted: boolean;
  readonly isConsented: boolean;
  readonly isSigned: boolean;
  /** In block letters beside the signature, as written; empty: none. */
  readonly name: string;
  /** The name differs from the one on record, and is that person's all the same. */
  readonly acceptsName: boolean;
  /** As written by the signer; null: no date, or none that can be read. */
  readonly writtenDate: Day | null;
  /** When the paper came into the school's hands, and whether that was before the first lesson of that day began. */
  readonly receivedOn: Day;
  readonly wasBeforeLesson: boolean;
}

/** What is known of a sheet apart from its ink. */
export interface SheetFacts {
  readonly questions: number;
  /** As the school has it on record; null: whoever represents a site signs with the name that they write. */
  readonly signerName: string | null;
  readonly printedOn: Day;
  readonly today: Day;
  /** Pages of the sheet that have not come back, by their numbers. */
  readonly missingPages: readonly number[];
}

/** The answers without what was left open, which is a no. */
export const answersOf = (reading: Pick<SheetReading, 'answers'>): Answer[] =>
  reading.answers.map((answer) => (answer === 'yes' ? 'yes' : 'no'));

/** Whether nothing at all is allowed. A no needs neither tick nor name nor date. */
export const isAllNo = (reading: Pick<SheetReading, 'answers'>): boolean => !reading.answers.includes('yes');

/** Why what was typed is no answer; empty: it is one. */
export function readingFlaws(reading: SheetReading, facts: SheetFacts): Reason[] {
  const reasons: Reason[] = [];
  const { questions, signerName, printedOn, today } = facts;
  if (reading.answers.length !== questions) reasons.push({ code: 'PAPER_ANSWERS', params: { questions } });
  if (reading.receivedOn > today || reading.receivedOn < printedOn)
    reasons.push({ code: 'PAPER_RECEIVED_IMPOSSIBLE', params: { day: reading.receivedOn, printed: printedOn } });
  const { writtenDate } = reading;
  if (writtenDate !== null && (writtenDate > reading.receivedOn || writtenDate < printedOn))
    reasons.push({ code: 'PAPER_DATE_IMPOSSIBLE', params: { day: writtenDate, printed: printedOn } });
  if (reading.answers.every((answer) => answer === 'none')) return [...reasons, { code: 'PAPER_BLANK' }];
  if (isAllNo(reading)) return reasons;
  if (!reading.isNoted) reasons.push({ code: 'PAPER_NOT_NOTED' });
  if (!reading.isConsented) reasons.push({ code: 'PAPER_NOT_CONSENTED' });
  if (!reading.isSigned) reasons.push({ code: 'PAPER_NOT_SIGNED' });
  if (reading.name.trim().length < 2) reasons.push({ code: 'PAPER_NAME_MISSING' });
  else if (signerName !== null && !reading.acceptsName && !isSameName(reading.name, signerName))
    reasons.push({ code: 'PAPER_NAME_DIFFERS', params: { written: reading.name.trim(), recorded: signerName } });
  if (writtenDate === null) reasons.push({ code: 'PAPER_DATE_MISSING' });
  if (facts.missingPages.length > 0)
    reasons.push({ code: 'SHEET_PAGES_MISSING', params: { pages: facts.missingPages.join(', ') } });
  return reasons;
}

const isSameName = (written: string, recorded: string) => foldForSearch(written) === foldForSearch(recorded);
