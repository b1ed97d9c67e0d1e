import { expect, test } from 'vitest';
import { presets, readPermissionRules, rulePresets } from '../../../src/domain/permission-rules.ts';

test.each(rulePresets)('the preset %s is read back as it was stored', (preset) => {
  const stored = JSON.parse(JSON.stringify(presets[preset]));
  expect(readPermissionRules(stored, 'school.permissionRules')).toEqual(presets[preset]);
});

test('Turkey asks for a second thing, and for ink to show outside the class', () => {
  expect(presets.tr).toMatchObject({ timeZone: 'Europe/Istanbul' });
  expect(presets.tr.leastAssurance).toEqual({
    take_part: 3,
    record: 3,
    keep: 3,
    release: { class: 3, school: 4, sites: 4, families: 4 },
  });
});

test('the United Kingdom asks for the link and a typed name', () => {
  expect(presets.uk).toMatchObject({ timeZone: 'Europe/London' });
  expect(presets.uk.leastAssurance).toEqual({
    take_part: 2,
    record: 2,
    keep: 2,
    release: { class: 2, school: 2, sites: 2, families: 2 },
  });
});

test('the schedule: after 5 days, then every 3, four at most, never in the night', () => {
  for (const { firstReminderDays, reminderDays, mostReminders, mailFromHour, mailUntilHour } of Object.values(presets))
    expect([firstReminderDays, reminderDays, mostReminders, mailFromHour, mailUntilHour]).toEqual([5, 3, 4, 8, 20]);
});

const stored = () => JSON.parse(JSON.stringify(presets.tr));
test.each([
  ['another preset', { ...stored(), preset: 'fr' }],
  ['a level that there is not', { ...stored(), leastAssurance: { ...stored().leastAssurance, record: 6 } }],
  ['a level between two', { ...stored(), leastAssurance: { ...stored().leastAssurance, keep: 2.5 } }],
  ['no level for an audience', { ...stored(), leastAssurance: { ...stored().leastAssurance, release: { class: 1 } } }],
  ['days as text', { ...stored(), answerDays: '30' }],
  ['nothing', null],
])('%s is a fault, not a rule', (_, value) => {
  expect(() => readPermissionRules(value, 'school.permissionRules')).toThrow(/school\.permissionRules/);
});
