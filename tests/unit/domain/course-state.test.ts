import { describe, expect, test } from 'vitest';
import { type Asked, type CourseState, nextActionFor, stateInCourse } from '../../../src/domain/course-state.ts';
import type { Reason, ReasonCode } from '../../../src/domain/reason.ts';

const because = (...codes: ReasonCode[]): Reason[] => codes.map((code) => ({ code, params: { name: 'Ada' } }));
const asked = (more: Partial<Asked> = {}): Asked => ({
  state: 'open',
  isOpened: false,
  lastDelivery: 'accepted',
  ...more,
});

describe('somebody in a course is', () => {
  test.each<[string, CourseState, Reason[], Asked[], boolean]>([
    ['given when the gate has no reason, whatever is open', 'given', [], [asked()], true],
    [
      'refused by the pupil before all else',
      'pupil_refused',
      because('PERMISSION_CONFLICT', 'PUPIL_REFUSED'),
      [],
      true,
    ],
    ['withdrawn', 'withdrawn', because('PERMISSION_WITHDRAWN'), [], true],
    ['withdrawn, and an older paper does not help', 'withdrawn', because('SIGNED_BEFORE_WITHDRAWAL'), [], true],
    ['withdrawn before refused', 'withdrawn', because('PERMISSION_REFUSED', 'PERMISSION_WITHDRAWN'), [], true],
    ['in conflict before refused', 'conflict', because('PERMISSION_REFUSED', 'PERMISSION_CONFLICT'), [], true],
    ['refused', 'refused', because('PERMISSION_REFUSED'), [], true],
    ['refused in part', 'refused', because('PURPOSE_DECLINED'), [], true],
    ['refused to an audience', 'refused', because('AUDIENCE_DECLINED'), [], true],
    ['refused, and an older paper does not help', 'refused', because('SIGNED_BEFORE_REFUSAL'), [], true],
    ['invalid', 'invalid', because('PERMISSION_INVALIDATED'), [asked()], true],
    [
      'incomplete while the second guardian is asked',
      'incomplete',
      because('GUARDIAN_SIGNATURE_MISSING'),
      [asked()],
      true,
    ],
    ['incomplete when an answer was for other words', 'incomplete', because('TERMS_CHANGED'), [], true],
    ['incomplete when an answer is not sure enough', 'incomplete', because('ASSURANCE_TOO_LOW'), [], true],
    ['not asked', 'not_asked', because('PERMISSION_MISSING'), [], false],
    [
      'not asked for the words in force',
      'not_asked',
      because('PERMISSION_MISSING'),
      [asked({ state: 'superseded' })],
      false,
    ],
    [
      'not asked when the request was cancelled',
      'not_asked',
      because('PERMISSION_MISSING'),
      [asked({ state: 'cancelled' })],
      false,
    ],
    ['not asked without a guardian', 'not_asked', because('GUARDIAN_UNKNOWN'), [], false],
    ['asked', 'asked', because('PERMISSION_MISSING'), [asked()], false],
    [
      'asked without a mail: a sheet waits',
      'asked',
      because('PERMISSION_MISSING'),
      [asked({ lastDelivery: null })],
      false,
    ],
    [
      'asked while it is not known whether the mail went',
      'asked',
      because('PERMISSION_MISSING'),
      [asked({ lastDelivery: 'unknown' })],
      false,
    ],
    ['asked though the time is over', 'asked', because('PERMISSION_REQUESTED'), [asked({ state: 'lapsed' })], false],
    [
      'opened when one of two has opened it',
      'opened',
      because('PERMISSION_MISSING'),
      [asked(), asked({ isOpened: true })],
      false,
    ],
    [
      'undeliverable when the mail was refused',
      'undeliverable',
      because('PERMISSION_MISSING'),
      [asked({ lastDelivery: 'refused' })],
      false,
    ],
    [
      'undeliverable when every mail came back',
      'undeliverable',
      because('PERMISSION_MISSING'),
      [asked({ lastDelivery: 'bounced' }), asked({ lastDelivery: 'refused' })],
      false,
    ],
    [
      'asked when one of two mails arrived',
      'asked',
      because('PERMISSION_MISSING'),
      [asked({ lastDelivery: 'bounced' }), asked()],
      false,
    ],
  ])('%s: %s', (_, state, reasons, requests, isAnswered) => {
    expect(stateInCourse(reasons, requests, isAnswered)).toBe(state);
  });
});

describe('the next action', () => {
  const missing = because('PERMISSION_MISSING');
  test.each<[CourseState, Reason[], Asked[], boolean, ReturnType<typeof nextActionFor>]>([
    ['not_asked', because('GUARDIAN_UNKNOWN'), [], false, 'add_guardian'],
    ['conflict', because('PERMISSION_CONFLICT'), [], true, 'decide_conflict'],
    ['undeliverable', missing, [asked({ lastDelivery: 'bounced' })], true, 'correct_address'],
    ['asked', missing, [asked()], true, 'remind'],
    ['asked', missing, [asked({ lastDelivery: null })], false, 'print'],
    ['opened', missing, [asked({ isOpened: true })], true, 'remind'],
    ['not_asked', missing, [], true, 'ask'],
    ['not_asked', missing, [], false, 'print'],
    ['incomplete', because('TERMS_CHANGED'), [asked({ state: 'superseded' })], true, 'ask'],
    ['incomplete', because('GUARDIAN_SIGNATURE_MISSING'), [asked()], true, 'remind'],
    ['incomplete', because('GUARDIAN_SIGNATURE_MISSING'), [asked()], false, 'print'],
    ['invalid', because('PERMISSION_INVALIDATED'), [], true, 'ask'],
    ['given', [], [], true, null],
    ['refused', because('PERMISSION_REFUSED'), [], true, null],
    ['withdrawn', because('PERMISSION_WITHDRAWN'), [], true, null],
    ['pupil_refused', because('PUPIL_REFUSED'), [], true, null],
  ])('of %s (%j, %j, address: %s) is %s', (state, reasons, requests, hasAddress, next) => {
    expect(nextActionFor(state, reasons, requests, hasAddress)).toBe(next);
  });

  test('of somebody whose time to answer is over is to ask again: a reminder reaches open requests only', () => {
    expect(nextActionFor('asked', missing, [asked({ state: 'lapsed' })], true)).toBe('ask');
  });
});
