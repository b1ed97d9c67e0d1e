import type { Answer, Api } from './api.ts';

/** One line of a report: name, minutes after the lesson began, until when; an address if the tool tells one. */
export type Attended = readonly [name: string, fromMinute: number, untilMinute: number, email?: string];

const clockIn = (timeZone: string) =>
  new Intl.DateTimeFormat('en-US', {
    timeZone,
    ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });

/** What Zoom writes of a meeting that began at `start`, with the clock of the school. */
export function zoomReport(start: string | Date, rows: readonly Attended[], timeZone = 'Europe/Istanbul'): string {
  const at = (minute: number) =>
    clockIn(timeZone)
      .format(new Date(new Date(start).getTime() + minute * 60_000))
      .replace(',', '');
  return [
    'Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,Recording Consent,In Waiting Room',
    ...rows.map(
      ([name, from, until, email = '']) => `${name},${email},${at(from)},${at(until)},${until - from},Yes,Yes,No`,
    ),
  ].join('\n');
}

/** Hands a report in. */
export function sendReport(
  by: Api,
  lessonId: string,
  text: string | Uint8Array,
  fields: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob([typeof text === 'string' ? text : Uint8Array.from(text)]), 'participants.csv');
  return by.post(`/api/lessons/${lessonId}/attendance/reports`, form);
}
