import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  assertNoHold,
  erasesAt,
  expiresAt,
  findPolicy,
  type Hold,
  isInForce,
  type Promised,
  type RetentionPolicy,
  schoolYearOf,
  shortestPromise,
} from '../../../src/domain/retention.ts';

const september = { month: 9, day: 1 };
const lesson = {
  kind: 'lesson',
  plannedStart: new Date('2026-03-02T09:00:00Z'),
  plannedEnd: new Date('2026-03-02T09:40:00Z'),
};
const policy = (change: Partial<RetentionPolicy>): RetentionPolicy => ({
  id: 'any',
  kind: null,
  schoolYear: null,
  keepDays: 10,
  keepUntil: null,
  ...change,
});
const promised = (change: Partial<Promised> = {}): Promised => ({
  id: 'permission',
  status: 'granted',
  purposes: ['record', 'keep'],
  route: 'paper',
  signer: 'mother of minor',
  signedAt: new Date('2026-02-20T10:00:00Z'),
  validUntil: null,
  ...change,
});

test.each([
  ['2026-08-31T23:59:59.999Z', 2025],
  ['2026-09-01T00:00:00.000Z', 2026],
  ['2026-12-31T23:59:59.999Z', 2026],
  ['2027-01-01T00:00:00.000Z', 2026],
])('the school year of %s is that of %i', (at, year) => {
  expect(schoolYearOf(new Date(at), september)).toBe(year);
});

describe('the most specific policy counts', () => {
  const all = [
    policy({ id: 'any' }),
    policy({ id: 'year', schoolYear: 2025 }),
    policy({ id: 'kind', kind: 'exam' }),
    policy({ id: 'both', kind: 'exam', schoolYear: 2025 }),
  ];
  test.each([
    ['exam', 2025, 'both'],
    ['exam', 2024, 'kind'],
    ['lesson', 2025, 'year'],
    ['lesson', 2024, 'any'],
  ])('%s of %i: %s', (kind, schoolYear, id) => {
    expect(findPolicy(all, { kind, schoolYear })?.id).toBe(id);
    expect(findPolicy(all.toReversed(), { kind, schoolYear })?.id).toBe(id);
  });
  test('none covers what none names', () => {
    expect(findPolicy(all.slice(1), { kind: 'meeting', schoolYear: 2024 })).toBeNull();
  });
});

describe('the shortest promise', () => {
  const soon = new Date('2026-06-01T00:00:00Z');
  const late = new Date('2026-12-01T00:00:00Z');
  test('is the earliest end among the signers', () => {
    const two = [promised({ validUntil: late }), promised({ id: 'b', signer: 'site', validUntil: soon })];
    expect(shortestPromise(two)?.id).toBe('b');
  });
  test('of one signer is what was signed last, also when that has no end', () => {
    const renewed = [
      promised({ validUntil: soon }),
      promised({ id: 'b', validUntil: late, signedAt: new Date('2026-05-01T00:00:00Z') }),
    ];
    expect(shortestPromise(renewed)?.id).toBe('b');
    expect(shortestPromise(renewed.toReversed())?.id).toBe('b');
    expect(shortestPromise([renewed[0]!, { ...renewed[1]!, validUntil: null }])).toBeNull();
  });
  test.each([
    ['withdrawn', { status: 'withdrawn' }],
    ['refused', { status: 'refused' }],
    ['asked for', { status: 'requested' }],
    ['spoken', { route: 'spoken' }],
    ['not to keep', { purposes: ['record'] }],
  ] as [string, Partial<Promised>][])('does not come from a permission that is %s', (_, change) => {
    expect(shortestPromise([promised({ validUntil: soon, ...change })])).toBeNull();
  });
  test('stays one when its permission has expired since', () => {
    expect(shortestPromise([promised({ validUntil: soon, status: 'expired' })])?.validUntil).toEqual(soon);
  });
});

describe('a recording expires', () => {
  const at = (policies: RetentionPolicy[], promises: Promised[]) =>
    expiresAt(lesson, policies, promises, september)?.at.toISOString() ?? null;
  test('never, when nothing says when', () => expect(at([], [promised()])).toBeNull());
  test('days after the end of the lesson', () => expect(at([policy({})], [])).toBe('2026-03-12T09:40:00.000Z'));
  test('at a date', () => {
    const until = new Date('2026-07-01T00:00:00Z');
    expect(at([policy({ keepDays: null, keepUntil: until })], [])).toBe(until.toISOString());
  });
  test('at the promise, also without a policy, and with one that would keep longer', () => {
    const validUntil = new Date('2026-03-05T00:00:00Z');
    expect(at([], [promised({ validUntil })])).toBe(validUntil.toISOString());
    expect(at([policy({})], [promised({ validUntil })])).toBe(validUntil.toISOString());
  });
  test('at the policy when that is earlier than the promise', () => {
    expect(at([policy({})], [promised({ validUntil: new Date('2026-04-01T00:00:00Z') })])).toBe(
      '2026-03-12T09:40:00.000Z',
    );
  });
  test('never later than any promise, whatever the policies say', () => {
    const date = fc.date({ min: new Date('2026-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(
        fc.array(fc.record({ kind: fc.constantFrom(null, 'lesson', 'exam'), keepDays: fc.nat(4000) })),
        fc.array(fc.option(date), { minLength: 1, maxLength: 6 }),
        (rules, ends) => {
          const policies = rules.map((rule, n) => policy({ id: String(n), ...rule }));
          const promises = ends.map((validUntil, n) => promised({ id: String(n), signer: String(n), validUntil }));
          const found = expiresAt(lesson, policies, promises, september);
          for (const end of ends) if (end !== null) expect(found!.at.getTime()).toBeLessThanOrEqual(end.getTime());
        },
      ),
    );
  });
});

test('the grace counts from when the recording expired, or will', () => {
  const expiry = new Date('2026-03-12T00:00:00Z');
  expect(erasesAt(expiry, null, 7).toISOString()).toBe('2026-03-19T00:00:00.000Z');
  expect(erasesAt(expiry, new Date('2026-03-14T00:00:00Z'), 7).toISOString()).toBe('2026-03-21T00:00:00.000Z');
  expect(erasesAt(expiry, new Date('2026-03-10T00:00:00Z'), 7).toISOString()).toBe('2026-03-19T00:00:00.000Z');
});

describe('a hold', () => {
  const endsAt = new Date('2026-05-01T00:00:00Z');
  const hold: Hold = { id: 'h', reason: 'Complaint 12', endsAt, reviewAt: null, liftedAt: null };
  test.each([
    ['a millisecond before its end', hold, -1, true],
    ['at its end', hold, 0, false],
    ['without an end, past its review date', { ...hold, endsAt: null, reviewAt: endsAt }, 1, true],
    ['lifted', { ...hold, liftedAt: new Date(0) }, -1, false],
  ] as [string, Hold, number, boolean][])('%s', (_, one, offset, inForce) => {
    const at = new Date(endsAt.getTime() + offset);
    expect(isInForce(one, at)).toBe(inForce);
    const ask = () => assertNoHold([one], at);
    if (inForce) expect(ask).toThrow(expect.objectContaining({ code: 'HOLD_IN_FORCE' }));
    else expect(ask).not.toThrow();
  });
  test('says why it was set', () => {
    expect(() => assertNoHold([hold], new Date(0))).toThrow(
      expect.objectContaining({
        reasons: [
          expect.objectContaining({ code: 'LEGAL_HOLD', params: { day: '2026-04-30', reason: 'Complaint 12' } }),
        ],
      }),
    );
  });
});
