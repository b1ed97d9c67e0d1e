import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyAssurance } from '../../../src/domain/assurance.ts';
import { Refusal } from '../../../src/domain/errors.ts';
import { assertGateHolds, type GateQuestion, gateReasons } from '../../../src/domain/gate.ts';
import { languageTags } from '../../../src/domain/language.ts';
import type { LessonParticipant, LessonRecord, Permission } from '../../../src/domain/permission.ts';
import { reasonText } from '../../../src/language/reason-text.ts';
import {
  allPermissions,
  end,
  lesson,
  now,
  participant,
  permission,
  permissionsWith,
  plainRules,
  start,
} from '../../support/gate-builders.ts';

const codes = (record: LessonRecord, permissions: readonly Permission[], question?: GateQuestion, at = now) =>
  gateReasons(record, permissions, at, question).map((reason) => reason.code);
const before = (date: Date) => new Date(date.getTime() - 1);
const bothRule = { ...plainRules, requireAllGuardians: true };
const father = { name: 'Can Örnek', capacity: 'guardian' as const, guardianId: 'father' };
const pupil = { name: 'Ada Örnek', capacity: 'self' as const, guardianId: null };
const later = new Date('2026-02-25T10:00:00Z');
const release: GateQuestion = { kind: 'release', audience: 'class' };
const forClass = { purposes: ['record', 'keep', 'release'] as const, releaseTo: ['class'] as const };

test('holds when every site and every participant gave written permission in time', () => {
  expect(codes(lesson(), allPermissions())).toEqual([]);
  expect(() => assertGateHolds(lesson(), allPermissions(), now)).not.toThrow();
});

describe('refuses', () => {
  const assessed = (validFrom: Date, validUntil: Date) =>
    lesson({ channel: { ...lesson().channel, assessments: [{ validFrom, validUntil }] } });
  const rows: [string, LessonRecord, Permission[], string[]][] = [
    ['a lesson with no participants', lesson({ participants: [] }), allPermissions(), ['NO_PARTICIPANTS']],
    ['a lesson with no sites', lesson({ sites: [] }), allPermissions(), ['NO_SITES']],
    [
      'a lesson with no reason',
      lesson({ reason: ' ' }),
      allPermissions().map((p) => ({ ...p, reason: ' ' })),
      ['NO_REASON'],
    ],
    ['a lesson that nobody supervises', lesson({ supervisorName: '' }), allPermissions(), ['NO_SUPERVISOR']],
    ['a recording that nobody announced', lesson({ announcement: null }), allPermissions(), ['NOT_ANNOUNCED']],
    [
      'a channel that is not approved',
      lesson({ channel: { ...lesson().channel, approved: false } }),
      allPermissions(),
      ['CHANNEL_NOT_APPROVED'],
    ],
    [
      'a channel without a risk assessment',
      lesson({ channel: { ...lesson().channel, assessments: [] } }),
      allPermissions(),
      ['RISK_ASSESSMENT_MISSING'],
    ],
    [
      'a risk assessment that ends with the lesson',
      assessed(start, end),
      allPermissions(),
      ['RISK_ASSESSMENT_OUT_OF_DATE'],
    ],
    [
      'a risk assessment that begins after the lesson did',
      assessed(new Date(start.getTime() + 1), now),
      allPermissions(),
      ['RISK_ASSESSMENT_OUT_OF_DATE'],
    ],
    ['a site without permission', lesson(), [permission('adult'), permission('minor')], ['PERMISSION_MISSING']],
    [
      'a permission that ends exactly now',
      lesson(),
      permissionsWith('adult', { validUntil: now }),
      ['PERMISSION_EXPIRED'],
    ],
    [
      'a permission signed when the lesson began',
      lesson(),
      permissionsWith('adult', { signedAt: start }),
      ['GRANTED_AFTER_START'],
    ],
    [
      'a permission signed after the lesson began',
      lesson(),
      permissionsWith('minor', { signedAt: end }),
      ['GRANTED_AFTER_START'],
    ],
    [
      'a permission dated in the future',
      lesson(),
      permissionsWith('adult', { signedAt: new Date(now.getTime() + 1) }),
      ['SIGNED_IN_THE_FUTURE'],
    ],
    ['a withdrawn permission', lesson(), permissionsWith('minor', { status: 'withdrawn' }), ['PERMISSION_WITHDRAWN']],
    ['a refused permission', lesson(), permissionsWith('site', { status: 'refused' }), ['PERMISSION_REFUSED']],
    [
      'a permission that was asked for only',
      lesson(),
      permissionsWith('minor', { status: 'requested', signer: null, signedAt: null }),
      ['PERMISSION_REQUESTED'],
    ],
    ['an expired permission', lesson(), permissionsWith('adult', { status: 'expired' }), ['PERMISSION_EXPIRED']],
    ['a spoken permission', lesson(), permissionsWith('adult', { route: 'spoken' }), ['NOT_WRITTEN']],
    ['a permission without a signature', lesson(), permissionsWith('adult', { signedAt: null }), ['NOT_SIGNED']],
    [
      'a permission for another reason',
      lesson({ reason: 'For our website' }),
      permissionsWith('site', { reason: 'For our website' }),
      ['REASON_CHANGED', 'REASON_CHANGED'],
    ],
    [
      'a permission to record but not to keep',
      lesson(),
      permissionsWith('minor', { purposes: ['record'] }),
      ['PURPOSE_NOT_COVERED'],
    ],
    [
      'a minor’s permission signed by the pupil',
      lesson(),
      permissionsWith('minor', { signer: pupil }),
      ['SIGNED_BY_PUPIL'],
    ],
    [
      'a minor’s permission signed by a stranger',
      lesson(),
      permissionsWith('minor', { signer: { ...father, guardianId: 'stranger' } }),
      ['NO_GUARDIAN_SIGNED'],
    ],
    [
      'a minor without a guardian on record',
      lesson({ participants: [participant({ name: 'Ada', guardians: [] })] }),
      allPermissions(),
      ['GUARDIAN_UNKNOWN'],
    ],
    [
      'an adult’s permission signed by somebody else',
      lesson(),
      permissionsWith('adult', { signer: father }),
      ['WRONG_SIGNER'],
    ],
    [
      'a site’s permission signed by a guardian',
      lesson(),
      permissionsWith('site', { signer: father }),
      ['SITE_SIGNER_WRONG'],
    ],
    [
      'one guardian of two where the school asks for all',
      lesson({ rules: bothRule }),
      allPermissions(),
      ['GUARDIAN_SIGNATURE_MISSING'],
    ],
    [
      'no pupil’s signature where the school asks for it',
      lesson({ rules: { ...plainRules, requirePupilSignature: true } }),
      allPermissions(),
      ['PUPIL_SIGNATURE_MISSING'],
    ],
    [
      'one guardian’s no, whatever the other signed',
      lesson(),
      [...allPermissions(), permission('minor', { id: 'no', status: 'refused', signer: father })],
      ['PERMISSION_CONFLICT'],
    ],
    [
      'a participant added after the upload',
      lesson({
        participants: [
          ...lesson().participants,
          participant({ id: 'late', name: 'Ege', isMinor: false, guardians: [] }),
        ],
      }),
      allPermissions(),
      ['PERMISSION_MISSING'],
    ],
    [
      'everything that is missing at once',
      lesson({ announcement: null }),
      [permission('adult')],
      ['NOT_ANNOUNCED', 'PERMISSION_MISSING', 'PERMISSION_MISSING'],
    ],
  ];
  test.each(rows)('%s', (_, record, permissions, expected) => {
    expect(codes(record, permissions)).toEqual(expected);
  });

  test('a release to an audience that the permission does not name', () => {
    expect(codes(lesson(), allPermissions(), release)).toEqual([
      'PURPOSE_NOT_COVERED',
      'PURPOSE_NOT_COVERED',
      'PURPOSE_NOT_COVERED',
    ]);
    const permitted = allPermissions().map((p) => ({ ...p, ...forClass }));
    expect(codes(lesson(), permitted, { kind: 'release', audience: 'families' })).toEqual(
      Array(3).fill('AUDIENCE_NOT_COVERED'),
    );
    expect(codes(lesson(), permitted, release)).toEqual([]);
  });
});

describe('holds', () => {
  test('one millisecond before a permission ends', () => {
    expect(codes(lesson(), permissionsWith('adult', { validUntil: now }), undefined, before(now))).toEqual([]);
  });
  test('for a permission signed one millisecond before the lesson began', () => {
    expect(codes(lesson(), permissionsWith('adult', { signedAt: before(start) }))).toEqual([]);
  });
  test('with all guardians and the pupil where the school asks for all', () => {
    const rules = { ...plainRules, requireAllGuardians: true, requirePupilSignature: true };
    const more = [permission('minor', { id: 'f', signer: father }), permission('minor', { id: 'p', signer: pupil })];
    expect(codes(lesson({ rules }), [...allPermissions(), ...more])).toEqual([]);
  });
  test('when the same guardian signed again after a refusal', () => {
    const mother = permission('minor').signer;
    const no = permission('minor', {
      id: 'no',
      status: 'refused',
      signer: mother,
      signedAt: new Date('2026-02-19T10:00:00Z'),
      receivedAt: null,
      noAt: [new Date('2026-02-19T10:00:00Z')],
    });
    expect(codes(lesson(), [no, ...allPermissions()])).toEqual([]);
  });
  test('not when the refusal came after the signature', () => {
    const no = permission('minor', { id: 'no', status: 'refused', signedAt: later, receivedAt: null, noAt: [later] });
    expect(codes(lesson(), [...allPermissions(), no])).toEqual(['PERMISSION_REFUSED']);
  });
});

describe('at the edges of a course', () => {
  const day = 24 * 60 * 60_000;
  const second = 1_000;
  const from = (date: Date, ms: number) => new Date(date.getTime() + ms);
  /** The lesson with one minor, changed. */
  const having = (change: Partial<LessonParticipant>, course: Partial<LessonRecord> = {}) =>
    lesson({ participants: [participant(change)], ...course });
  const signed = (change: Partial<Permission> = {}) => [permission('site'), permission('minor', change)];
  const endedBy = (until: Date) => [
    { id: 'mother', name: 'Gül Örnek', until },
    { id: 'father', name: 'Can Örnek', until: null },
  ];
  const no = (signer: Permission['signer'], change: Partial<Permission> = {}) =>
    permission('minor', { id: 'no', status: 'refused', signer, receivedAt: null, noAt: [later], ...change });
  const own = { name: 'Ada Örnek', capacity: 'self' as const, guardianId: null };
  const partial = { purposes: ['take_part'], declined: ['record', 'keep'] } as const;
  const asking = { asksToTakePart: true };
  const least = (record: 1 | 4) => ({
    rules: { ...lesson().rules, leastAssurance: { ...anyAssurance, record } },
  });
  const midnight = new Date('2026-03-02T00:00:00Z');
  const onPaper = (inHandAt: Date | null) =>
    signed({ signedAt: midnight, isDatedByDay: true, inHandAt, receivedAt: from(start, 2 * 60 * 60_000) });
  const rows: [string, LessonRecord, Permission[], string[], GateQuestion?][] = [
    ['a mid-course answer covers a lesson after it', having({}), signed({ signedAt: from(start, -second) }), []],
    ['… and none that had begun', having({}), signed({ signedAt: start }), ['GRANTED_AFTER_START']],
    [
      'the terms in force',
      having({}, { terms: 'a' }),
      [permission('site', { terms: 'a' }), permission('minor', { terms: 'a' })],
      [],
    ],
    [
      'terms that changed',
      having({}, { terms: 'b' }),
      [permission('site', { terms: 'b' }), permission('minor', { terms: 'a' })],
      ['TERMS_CHANGED'],
    ],
    [
      'a site that changed, which the terms name',
      having(
        {},
        {
          terms: 'with another site',
          sites: [
            { id: 'site', name: 'Taraşçı Okulu' },
            { id: 'new', name: 'New' },
          ],
        },
      ),
      [permission('site', { terms: 'before' }), permission('minor', { terms: 'before' })],
      ['TERMS_CHANGED', 'PERMISSION_MISSING', 'TERMS_CHANGED'],
    ],
    ['a guardian who still stood for the pupil', having({ guardians: endedBy(from(start, 1)) }), signed(), []],
    [
      'a guardian whose time ended as the lesson began',
      having({ guardians: endedBy(start) }),
      signed(),
      ['GUARDIANSHIP_ENDED'],
    ],
    [
      'the no of a guardian who still stands',
      having({ guardians: endedBy(from(now, 1)) }),
      [...signed({ signer: father }), no(permission('minor').signer)],
      ['PERMISSION_CONFLICT'],
    ],
    [
      'the no of a guardian whose time ended',
      having({ guardians: endedBy(now) }),
      [...signed({ signer: father }), no(permission('minor').signer)],
      [],
    ],
    [
      'a yes that a guardian took back, whose time ended after the lesson',
      having({ guardians: endedBy(from(start, 1)) }),
      [...signed(), no(permission('minor').signer, { status: 'withdrawn' })],
      ['PERMISSION_WITHDRAWN'],
    ],
    [
      'a yes that a guardian narrowed, whose time ended after the lesson',
      having({ guardians: endedBy(from(start, 1)) }),
      [...signed(), permission('minor', { id: 'b', ...partial, receivedAt: later })],
      ['PURPOSE_DECLINED'],
    ],
    [
      '… and the other guardian’s yes',
      having({ guardians: endedBy(from(start, 1)) }),
      [...signed({ signer: father }), permission('minor', { id: 'b', ...partial })],
      [],
    ],
    ['a pupil who comes of age after the lesson', having({ adultFrom: from(start, 1) }), signed(), []],
    ['a pupil who came of age on the day', having({ adultFrom: midnight }), signed(), ['WRONG_SIGNER']],
    ['… and signed alone', having({ adultFrom: midnight }), signed({ signer: own }), []],
    ['an objection to this lesson', having({ objections: [{ until: null }] }), signed(), ['OBJECTED']],
    ['… of a guardian who no longer stands for the pupil', having({ objections: [{ until: start }] }), signed(), []],
    ['… and of another who does', having({ objections: [{ until: start }, { until: null }] }), signed(), ['OBJECTED']],
    [
      '… from a seat that is not recorded',
      having({ objections: [{ until: null }], isUnrecorded: true }),
      signed({ purposes: ['take_part'] }),
      [],
    ],
    ['two guardians who disagree', having({}), [...signed(), no(father)], ['PERMISSION_CONFLICT']],
    [
      'one guardian’s no, where the other said nothing',
      having({}),
      [permission('site'), no(father)],
      ['PERMISSION_REFUSED'],
    ],
    ['the pupil’s no', having({}), [...signed(), no(own)], ['PUPIL_REFUSED']],
    [
      'an answer that is not sure enough',
      having({}, least(4)),
      [permission('site', { assurance: 4 }), permission('minor', { assurance: 3 })],
      ['ASSURANCE_TOO_LOW'],
    ],
    [
      'an answer that is just sure enough',
      having({}, least(4)),
      signed({ assurance: 4 }).map((one) => ({ ...one, assurance: 4 })),
      [],
    ],
    [
      'a guest of one day without an answer',
      lesson({
        participants: [participant(), participant({ id: 'guest', name: 'Ece', isMinor: false, guardians: [] })],
      }),
      signed(),
      ['PERMISSION_MISSING'],
    ],
    ['taking part asked for and not given', having({}, asking), signed(), ['PURPOSE_NOT_COVERED']],
    ['taking part given', having({}, asking), signed({ purposes: ['take_part', 'record', 'keep'] }), []],
    [
      'taking part without record, in a seat that is recorded',
      having({}, asking),
      signed(partial),
      ['PURPOSE_DECLINED'],
    ],
    ['… in a seat that is not', having({ isUnrecorded: true }, asking), signed(partial), []],
    [
      '… and the recording is shown to an audience that was answered with no',
      having({ isUnrecorded: true }, asking),
      [permission('site', forClass), permission('minor', { ...partial, declinedTo: ['class'] })],
      [],
      release,
    ],
    [
      'one guardian’s no to the record',
      having({}),
      [...signed(), permission('minor', { id: 'b', signer: father, ...partial })],
      ['PERMISSION_CONFLICT'],
    ],
    [
      '… lifted by the same guardian’s newer answer',
      having({}),
      [
        ...signed(),
        permission('minor', { id: 'b', signer: father, ...partial }),
        permission('minor', { id: 'c', signer: father, receivedAt: later }),
      ],
      [],
    ],
    [
      'an audience that was answered with no',
      having({}),
      [permission('site', forClass), permission('minor', { ...forClass, releaseTo: [], declinedTo: ['class'] })],
      ['AUDIENCE_DECLINED'],
      release,
    ],
    ['a course without participants', lesson({ participants: [] }), [permission('site')], ['NO_PARTICIPANTS']],
    ['a paper of the day that was in hand before', having({}), onPaper(from(start, -second)), []],
    ['a paper of the day that came as the lesson began', having({}), onPaper(start), ['RECEIVED_AFTER_START']],
    ['a paper of the day of which nobody noted when it came', having({}), onPaper(null), ['RECEIVED_AFTER_START']],
    [
      'a paper of the day before',
      having({}),
      onPaper(null).map((one) => ({ ...one, signedAt: from(midnight, -day) })),
      [],
    ],
  ];
  test.each(rows)('%s', (_, record, permissions, expected, question) => {
    expect(codes(record, permissions, question)).toEqual(expected);
  });
});

test('names the person or site in both languages', () => {
  const reasons = gateReasons(lesson(), [permission('site'), permission('adult')], now);
  expect(reasons).toHaveLength(1);
  expect(reasons[0]).toMatchObject({
    code: 'PERMISSION_MISSING',
    subject: { kind: 'participant', id: 'minor', name: 'Ada Örnek' },
  });
  for (const language of languageTags) expect(reasonText(reasons[0]!, language)).toContain('Ada Örnek');
});

test('a reason holds facts to tell, and no record of who signed', () => {
  for (const of of ['site', 'adult', 'minor'] as const)
    for (const status of ['refused', 'withdrawn'] as const) {
      const [reason, ...others] = gateReasons(lesson(), permissionsWith(of, { status }), now);
      expect(others).toEqual([]);
      expect(Object.keys(reason!).sort()).toEqual(['code', 'params', 'subject']);
    }
});

test('throws a refusal that carries every reason', () => {
  expect(() => assertGateHolds(lesson({ sites: [], participants: [] }), [], now)).toThrow(Refusal);
});

test('whatever permission is taken away or spoilt, the gate refuses', () => {
  const spoilt = fc.record({
    of: fc.constantFrom('site' as const, 'adult' as const, 'minor' as const),
    change: fc.constantFrom<Partial<Permission>>(
      { status: 'withdrawn' },
      { status: 'refused' },
      { status: 'expired' },
      { status: 'requested' },
      { route: 'spoken' },
      { signedAt: null },
      { signer: null },
      { reason: 'another' },
      { purposes: [] },
      { validUntil: start },
    ),
  });
  fc.assert(
    fc.property(spoilt, ({ of, change }) => {
      expect(codes(lesson(), permissionsWith(of, change)).length).toBeGreaterThan(0);
    }),
  );
});

describe('attendance reports', () => {
  const kinds = ['upload', 'keep', 'clear'] as const;
  const ask = (record: LessonRecord, question: GateQuestion) =>
    gateReasons(record, allPermissions(), now, question).map(({ code }) => code);
  const shown = { kind: 'release', audience: 'class' } as const;
  const open = { code: 'DEVICE_UNRESOLVED', params: { name: 'iPad', minutes: 3 } } as const;
  const stranger = { personId: 'stranger', name: 'Kaan Yabancı', minutes: 2 };
  const ada = { personId: 'minor', name: 'Ada Örnek', minutes: 40 };
  const seated = participant({ isUnrecorded: true });

  test.each([
    ['upload', ['upload', 'clear']],
    ['release', ['clear']],
    ['never', []],
  ] as const)('where the school asks for one: %s', (attendance, missing) => {
    const record = lesson({ rules: { ...plainRules, attendance } });
    for (const kind of kinds)
      expect([kind, ask(record, { kind })]).toEqual([
        kind,
        missing.some((one) => one === kind) ? ['ATTENDANCE_MISSING'] : [],
      ]);
    expect(ask(record, shown).includes('ATTENDANCE_MISSING')).toBe(attendance !== 'never');
  });

  test.each(['upload', 'release', 'never'] as const)(
    'one that is there counts whatever the rule is: %s',
    (attendance) => {
      const rules = { ...plainRules, attendance };
      const record = lesson({ rules, attendance: { open: [open], present: [ada] } });
      // What is open may still be settled, so a recording is kept; it is neither taken in nor shown meanwhile.
      expect(kinds.map((kind) => ask(record, { kind }))).toEqual([['DEVICE_UNRESOLVED'], [], ['DEVICE_UNRESOLVED']]);
    },
  );

  test('who does not take part closes everything, until their part is gone', () => {
    const record = lesson({ attendance: { open: [], present: [ada, stranger] } });
    for (const kind of kinds) expect(ask(record, { kind })).toEqual(['ATTENDEE_NOT_IN_COURSE']);
    for (const kind of kinds) expect(ask(record, { kind, removed: new Set(['stranger']) })).toEqual([]);
    expect(ask(record, { kind: 'keep', removed: new Set(['minor']) })).toEqual(['ATTENDEE_NOT_IN_COURSE']);
  });

  test('whoever sits in a seat that is not recorded was not to be there', () => {
    const adult = lesson().participants[0]!;
    const record = lesson({ participants: [adult, seated], attendance: { open: [], present: [ada] } });
    const takesPart = [...allPermissions(), permission('minor', { id: 'part', purposes: ['take_part'] })];
    expect(gateReasons(record, takesPart, now)).toMatchObject([
      { code: 'ATTENDEE_NOT_COVERED', params: { name: 'Ada Örnek', minutes: 40, why: 'SEAT_NOT_RECORDED' } },
    ]);
  });

  test('who was there without permission is named with the minutes', () => {
    const record = lesson({ attendance: { open: [], present: [ada] } });
    const without = allPermissions().filter(({ subject }) => subject.id !== 'minor');
    expect(gateReasons(record, without, now)).toMatchObject([
      { code: 'PERMISSION_MISSING' },
      { code: 'ATTENDEE_NOT_COVERED', params: { minutes: 40, why: 'PERMISSION_MISSING' } },
    ]);
    expect(gateReasons(record, without, now, { kind: 'clear', removed: new Set(['minor']) })).toEqual([]);
  });
});
