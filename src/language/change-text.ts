import type { Language } from '../domain/language.ts';
import type { Change, PolicyPayload } from '../domain/retention-change.ts';
import { textsIn } from './catalogue.ts';
import { fill } from './fill.ts';

/** One sentence on what a waiting change would do. */
export function changeText({ kind, payload }: Change, language: Language): string {
  const t = textsIn(language).changes;
  switch (kind) {
    case 'policy_added':
      return fill(t.policyAdded, { policy: policyText(payload, language) });
    case 'policy_removed':
      return fill(t.policyRemoved, { policy: policyText(payload, language) });
    case 'erasure':
      return fill(t.erasure, { lesson: payload.lessonTitle, note: payload.note ?? '' }).trim();
    case 'school_rules': {
      const rules = Object.entries(payload).map(([rule, value]) => `${rule} = ${value}`);
      return fill(t.schoolRules, { rules: rules.join(', ') });
    }
  }
}

function policyText({ kind, schoolYear, keepDays, keepUntil }: PolicyPayload, language: Language): string {
  const t = textsIn(language).changes;
  return [
    kind ?? t.anyKind,
    schoolYear === null ? t.anyYear : `${schoolYear}–${schoolYear + 1}`,
    keepDays === null ? fill(t.until, { day: keepUntil?.slice(0, 10) ?? '' }) : fill(t.days, { n: keepDays }),
  ].join(', ');
}
