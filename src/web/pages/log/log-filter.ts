import { auditActions } from '../../../domain/audit-event.ts';
import { given, oneOf, textOf } from '../../shell/search.ts';
import { label, type PlainKey, text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';
import { logText } from './log-text.ts';

export const outcomes = ['done', 'refused', 'failed'] as const;

/** What stands in the address, before it was read. */
export type LogSearch = { readonly [Name in FilterName]?: unknown };

/** What the log is asked for: times as RFC 3339, people and things by identifier or pseudonym. */
export type LogFilter = ReturnType<typeof readFilter>;

/** The filter in an address; what the log could not be asked for is left out. */
export const readFilter = (search: Readonly<Record<string, unknown>>) =>
  given({
    from: moment(search.from),
    until: moment(search.until),
    action: oneOf(auditActions, search.action),
    outcome: oneOf(outcomes, search.outcome),
    text: textOf(search.text),
    person: textOf(search.person),
    actor: textOf(search.actor),
    object: textOf(search.object),
    recording: textOf(search.recording),
    lesson: textOf(search.lesson),
  });

function moment(value: unknown): string | undefined {
  const at = textOf(value);
  return at !== undefined && !Number.isNaN(Date.parse(at)) ? new Date(at).toISOString() : undefined;
}

export type FilterName = keyof LogFilter;

const names = {
  from: 'from',
  until: 'until',
  action: 'action',
  outcome: 'outcome',
  text: 'logWords',
  person: 'personId',
  actor: 'whoId',
  recording: 'recordingId',
  lesson: 'lessonId',
} as const satisfies Record<Exclude<FilterName, 'object'>, PlainKey>;

export const filterName = (name: FilterName): string => (name === 'object' ? logText('objectId') : text(names[name]));

/** A value of the filter as a person reads it. */
export function filterValue(name: FilterName, value: string, nameOf: (id: string) => string): string {
  if (name === 'from' || name === 'until') return dateTime(value);
  if (name === 'action') return label('auditAction', value);
  if (name === 'outcome') return label('outcome', value);
  return nameOf(value);
}

/** The values that are set, in the order of the form. */
export const entriesOf = (filter: LogFilter): readonly (readonly [FilterName, string])[] =>
  Object.entries(filter) as [FilterName, string][];
