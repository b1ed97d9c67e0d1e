import { expect, test } from 'vitest';
import { type AnomalyRule, anomalyParams, anomalyRules } from '../../../src/domain/anomaly.ts';
import type { Language } from '../../../src/domain/language.ts';
import { anomalyText } from '../../../src/language/anomaly-text.ts';

const thresholds = {
  playbacksPerDay: 11,
  exportsPerDay: 12,
  outsideHours: 13,
  denialsPerHour: 14,
  approvalMinutes: 15,
  linkAddresses: 16,
  schoolHours: { from: '08:15', until: '16:45', timeZone: 'Europe/Istanbul' },
};

const ruleText = (rule: AnomalyRule, language: Language) =>
  anomalyText(rule, anomalyParams(rule, thresholds), language);

test.each(anomalyRules.map((rule, at) => [rule, [11, 12, 13, 14, 15, 16][at]!] as const))(
  '%s says in both languages at which number it speaks',
  (rule, threshold) => {
    const [tr, en] = [ruleText(rule, 'tr'), ruleText(rule, 'en')];
    expect(tr).toContain(String(threshold));
    expect(en).toContain(String(threshold));
    expect(tr).not.toBe(en);
  },
);

test('the rule about school hours names them', () => {
  expect(ruleText('OUTSIDE_HOURS', 'en')).toContain('08:15–16:45');
});
