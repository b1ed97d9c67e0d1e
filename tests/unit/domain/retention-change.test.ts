import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expiresAt } from '../../../src/domain/retention.ts';
import { addingShortens, removingShortens, shorteningPart } from '../../../src/domain/retention-change.ts';

const day = 86_400_000;
const policies = fc.uniqueArray(
  fc.record({
    kind: fc.constantFrom(null, 'lesson', 'exam'),
    schoolYear: fc.constantFrom(null, 2025, 2026),
    keep: fc.oneof(
      fc.integer({ min: 1, max: 900 }).map((keepDays) => ({ keepDays, keepUntil: null })),
      fc
        .integer({ min: 0, max: 900 })
        .map((n) => ({ keepDays: null, keepUntil: new Date(Date.UTC(2026, 0, 1) + n * day) })),
    ),
  }),
  { minLength: 1, maxLength: 9, selector: ({ kind, schoolYear }) => `${kind} ${schoolYear}` },
);
const lessons = ['lesson', 'exam', 'meeting'].flatMap((kind) =>
  [0, 200, 400, 800].map((n) => {
    const plannedStart = new Date(Date.UTC(2025, 9, 1) + n * day);
    return { kind, plannedStart, plannedEnd: new Date(plannedStart.getTime() + 3_600_000) };
  }),
);

test('what is done at once ends the time of no lesson earlier', () => {
  fc.assert(
    fc.property(policies, (made) => {
      const all = made.map(({ keep, ...subject }, index) => ({ id: String(index), ...subject, ...keep }));
      const [one, ...rest] = all as [(typeof all)[number], ...typeof all];
      const endsWith = (some: typeof all) =>
        lessons.map(
          (lesson) => expiresAt(lesson, some, [], { month: 9, day: 1 })?.at.getTime() ?? Number.POSITIVE_INFINITY,
        );
      const [without, withIt] = [endsWith(rest), endsWith(all)];
      if (!addingShortens(rest, one)) expect(withIt.every((end, at) => end >= without[at]!)).toBe(true);
      if (!removingShortens(all, one)) expect(without.every((end, at) => end >= withIt[at]!)).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});

const rules = { yearStartMonth: 9, yearStartDay: 1, expiredGraceDays: 7, eraseOnWithdrawalDays: 30 };
const perYear = [{ schoolYear: 2025 }];
test.each([
  [{ expiredGraceDays: 6 }, { expiredGraceDays: 6 }],
  [{ expiredGraceDays: 7 }, null],
  [{ expiredGraceDays: 8 }, null],
  [{ eraseOnWithdrawalDays: 29 }, { eraseOnWithdrawalDays: 29 }],
  [{ eraseOnWithdrawalDays: 31 }, null],
  [{ eraseOnWithdrawalDays: null }, null],
  [{ yearStartMonth: 8 }, { yearStartMonth: 8 }],
  [{ yearStartMonth: 9, yearStartDay: 1 }, null],
  [{ expiredGraceDays: 1, eraseOnWithdrawalDays: 60 }, { expiredGraceDays: 1 }],
])('of %j waits %j', (change, expected) => {
  expect(shorteningPart(rules, change, perYear)).toEqual(expected);
});

test('where nothing was ever erased on a withdrawal, every number of days is sooner', () => {
  expect(shorteningPart({ ...rules, eraseOnWithdrawalDays: null }, { eraseOnWithdrawalDays: 3_650 }, [])).toEqual({
    eraseOnWithdrawalDays: 3_650,
  });
});
