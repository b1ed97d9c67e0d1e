import { askForFile } from '../../api/ask.ts';
import type { Answer } from '../../api/types.ts';

export type TakenReport = Answer<'takeAttendanceReport'>;
/** What a person has said about a report that leaves something open, by the names of the form's fields. */
export type ReportAnswers = Readonly<Record<string, string>>;

/** Tells a report from a recording among files that are chosen together. What it is, the server tells by its content. */
export const isReport = ({ name }: File): boolean => /\.(csv|tsv|txt|xml|xlsx?)$/i.test(name);

/** Hands an attendance report in for a lesson. @throws Problem: what is wrong with the file. */
export async function sendReport(lessonId: string, file: File, answers: ReportAnswers): Promise<TakenReport> {
  const form = new FormData();
  for (const [name, value] of Object.entries(answers)) form.set(name, value);
  form.set('file', file);
  const answer = await askForFile('takeAttendanceReport', { params: { lessonId }, body: form });
  return JSON.parse(await answer.text()) as TakenReport;
}
