import { expect, test } from 'vitest';
import { anomalyRules, describeRule } from '../../../src/domain/anomaly.ts';

const thresholds = {
  playbacksPerDay: 11,
  exportsPerDay: 12,
  outsideHours: 13,
  denialsPerHour: 14,
  approvalMinutes: 15,
  linkAddresses: 16,
  schoolHours: { from: '08:15', until: '16:45', timeZone: 'Europe/Istanbul' },
};

test.each(anomalyRules.map((rule, at) => [rule, [11, 12, 13, 14, 15, 16][at]!] as const))(
  '%s says in both languages at which number it speaks',
  (rule, threshold) => {
    const { tr, en } = describeRule(rule, thresholds);
    expect(tr).toContain(String(threshold));
    expect(en).toContain(String(threshold));
    expect(tr).not.toBe(en);
  },
);

test('the rule about school hours names them', () => {
  expect(describeRule('OUTSIDE_HOURS', thresholds).en).toContain('08:15–16:45');
});
