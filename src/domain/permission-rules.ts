import { hourIn } from './calendar.ts';
import { number, object, oneOf, type Reader, text } from './json.ts';
import { type AssuranceLevel, assuranceLevels, type LeastAssurance } from './permission.ts';

/** What a school may begin with; `own`: something was changed since. */
export const rulePresets = ['tr', 'uk', 'own'] as const;
export type RulePreset = (typeof rulePresets)[number];

/** How a school asks for permission, and how sure it wants to be of an answer. */
export interface PermissionRules {
  readonly preset: RulePreset;
  readonly leastAssurance: LeastAssurance;
  /** Days to answer, from when somebody was asked. */
  readonly answerDays: number;
  /** Days until the first reminder, days between the later ones, and how many there are at most. */
  readonly firstReminderDays: number;
  readonly reminderDays: number;
  readonly mostReminders: number;
  /** Hours of the school's day in which mail goes out: from, until. */
  readonly mailFromHour: number;
  readonly mailUntilHour: number;
  /** IANA time zone of the school. */
  readonly timeZone: string;
}

/** Whether an instant is in the hours in which mail goes out. */
export function isMailTime({ timeZone, mailFromHour, mailUntilHour }: PermissionRules, at: Date): boolean {
  const hour = hourIn(at, timeZone);
  return hour >= mailFromHour && hour < mailUntilHour;
}

const levels = (all: AssuranceLevel, outside: AssuranceLevel): LeastAssurance => ({
  take_part: all,
  record: all,
  keep: all,
  release: { class: all, school: outside, sites: outside, families: outside },
});
const schedule = {
  answerDays: 30,
  firstReminderDays: 5,
  reminderDays: 3,
  mostReminders: 4,
  mailFromHour: 8,
  mailUntilHour: 20,
} as const;

/** Turkey: a second thing beside the link; ink for showing outside the class. United Kingdom: the link and a name. */
export const presets: Readonly<Record<RulePreset, PermissionRules>> = {
  tr: { preset: 'tr', leastAssurance: levels(3, 4), ...schedule, timeZone: 'Europe/Istanbul' },
  uk: { preset: 'uk', leastAssurance: levels(2, 2), ...schedule, timeZone: 'Europe/London' },
  own: { preset: 'own', leastAssurance: levels(1, 1), ...schedule, timeZone: 'Europe/Istanbul' },
};

const level: Reader<AssuranceLevel> = (value, at) => {
  const written = number(value, at);
  const found = assuranceLevels.find((one) => one === written);
  if (found === undefined) throw new RangeError(`stored JSON: ${at} is no level of assurance`);
  return found;
};

/** `school.permissionRules`. */
export const readPermissionRules: Reader<PermissionRules> = object({
  preset: oneOf(rulePresets),
  leastAssurance: object({
    take_part: level,
    record: level,
    keep: level,
    release: object({ class: level, school: level, sites: level, families: level }),
  }),
  answerDays: number,
  firstReminderDays: number,
  reminderDays: number,
  mostReminders: number,
  mailFromHour: number,
  mailUntilHour: number,
  timeZone: text,
});
