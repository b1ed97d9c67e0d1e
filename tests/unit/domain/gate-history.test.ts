import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gateReasons } from '../../../src/domain/gate.ts';
import type { Permission } from '../../../src/domain/permission.ts';
import { lesson, permission, plainRules, start } from '../../support/gate-builders.ts';

const hour = 3_600_000;
/** Hours before (negative) or after the lesson begins. */
const at = (hours: number) => new Date(start.getTime() + hours * hour);
const late = at(1_000);

interface Told {
  readonly by: 'mother' | 'father' | 'unknown';
  readonly what: 'yes' | 'refusal' | 'withdrawal';
  /** When the school received it, in hours from the start; strictly rising in a history. */
  readonly received: number;
  /** What the paper says. */
  readonly dated: number;
  /** Of a withdrawal: which of the signer's records it is said of. */
  readonly of: number;
}

const guardian = (id: string) => ({ name: id, capacity: 'guardian' as const, guardianId: id });

/** The records that such a history leaves; nothing is withdrawn but what was named. */
function recordsOf(history: readonly Told[]): Permission[] {
  const records: Permission[] = [];
  for (const [index, told] of history.entries()) {
    const { by, received, dated } = told;
    const signer = by === 'unknown' ? null : guardian(by);
    const base = { id: `record-${index}`, signer, signedAt: at(dated), receivedAt: null };
    const own = records.filter((record) => (record.signer?.guardianId ?? 'unknown') === by);
    const named = own[told.of % Math.max(1, own.length)];
    if (told.what === 'yes' && signer) records.push(permission('minor', { ...base, receivedAt: at(received) }));
    else if (told.what === 'withdrawal' && named)
      records[records.indexOf(named)] = { ...named, status: 'withdrawn', noAt: [...named.noAt, at(received)] };
    else
      records.push(
        permission('minor', {
          ...base,
          status: signer ? 'refused' : 'withdrawn',
          signedAt: signer ? at(dated) : null,
          noAt: [at(received)],
        }),
      );
  }
  return records;
}

const others = [permission('site'), permission('adult')];
const reasonsAfter = (history: readonly Told[], requireAllGuardians = false) =>
  gateReasons(lesson({ rules: { ...plainRules, requireAllGuardians } }), [...others, ...recordsOf(history)], late);

/**
 * The rules again, as a walk through the history in the order of receipt; written apart from the gate. Per signer: the last no,
 * whether a yes counts since, and whether one that stood when the lesson began was taken back.
 */
function modelHolds(history: readonly Told[], requireAllGuardians: boolean): boolean {
  const signers = {
    mother: { no: -Infinity, counts: false, intime: false, renewable: false, saidNo: false },
    father: { no: -Infinity, counts: false, intime: false, renewable: false, saidNo: false },
  };
  let unknownNo = false;
  for (const { by, what, received, dated } of history) {
    if (what === 'yes' && by !== 'unknown') {
      const signer = signers[by];
      if (dated <= signer.no) continue;
      const isIntime = dated < 0 && (signer.no === -Infinity || received < 0);
      signer.intime ||= isIntime;
      signer.counts ||= isIntime || signer.renewable;
      continue;
    }
    if (by === 'unknown') unknownNo = true;
    else signers[by].saidNo = true;
    for (const signer of by === 'unknown' ? Object.values(signers) : [signers[by]]) {
      signer.renewable ||= signer.intime && received >= 0;
      signer.intime = false;
      signer.counts = false;
      signer.no = received;
    }
  }
  const both = Object.values(signers);
  if (both.some((signer) => signer.saidNo && !signer.counts)) return false;
  if (unknownNo && !both.some((signer) => signer.counts)) return false;
  return requireAllGuardians ? both.every((signer) => signer.counts) : both.some((signer) => signer.counts);
}

const histories = fc
  .array(
    fc.record({
      by: fc.constantFrom<Told['by']>('mother', 'mother', 'mother', 'father', 'unknown'),
      what: fc.constantFrom<Told['what']>('yes', 'yes', 'yes', 'refusal', 'withdrawal'),
      gap: fc.integer({ min: 1, max: 12 }),
      dated: fc.integer({ min: -60, max: 60 }),
      of: fc.nat(5),
    }),
    { maxLength: 9 },
  )
  .chain((told) => fc.integer({ min: -60, max: 10 }).map((first) => ({ told, first })))
  .map(({ told, first }) => {
    let received = first;
    return told
      .map(({ gap, ...rest }): Told => {
        received += gap;
        return { ...rest, received };
      })
      .filter(({ by, what }) => !(by === 'unknown' && what === 'yes'));
  });

test('for any history the gate says what a walk through it says', () => {
  fc.assert(
    fc.property(histories, fc.boolean(), (history, requireAll) => {
      expect(reasonsAfter(history, requireAll).length === 0).toBe(modelHolds(history, requireAll));
    }),
    { numRuns: 20_000 },
  );
});

test('after a no of a signer nothing of that signer counts that was not received afterwards', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const lastNo = history.findLastIndex(({ by, what }) => by === 'mother' && what !== 'yes');
      fc.pre(lastNo >= 0);
      const isOlderOfHers = (told: Told, index: number) =>
        told.by === 'mother' && told.what === 'yes' && index < lastNo;
      // Whatever she had said before, only what comes after may open the gate; a yes before makes a renewal possible at most.
      const after = history.filter((told, index) => index > lastNo && told.by === 'mother' && told.what === 'yes');
      if (after.length === 0) expect(reasonsAfter(history)).not.toEqual([]);
      const withoutOlder = history.filter((told, index) => !isOlderOfHers(told, index));
      if (after.every(({ dated }) => dated < 0))
        expect(reasonsAfter(history).length === 0).toBe(reasonsAfter(withoutOlder).length === 0);
    }),
    { numRuns: 20_000 },
  );
});

test('no date that is written on a paper opens what a no has closed, when it was there before the no came', () => {
  fc.assert(
    fc.property(histories, fc.integer({ min: -900, max: 900 }), (history, dated) => {
      const received = (history.at(-1)?.received ?? 0) + 1;
      const closed: Told[] = [
        ...history.map((told) => (told.by === 'mother' && told.what === 'yes' ? { ...told, dated } : told)),
        { by: 'mother', what: 'withdrawal', received, dated: 0, of: 0 },
      ];
      expect(reasonsAfter(closed)).not.toEqual([]);
    }),
  );
});

/** docs/permission-record.md has the same table. Times are hours from the start of the lesson; [received, dated]. */
describe('a yes after a no', () => {
  const yes = (received: number, dated: number, by: Told['by'] = 'mother'): Told => ({
    by,
    what: 'yes',
    received,
    dated,
    of: 0,
  });
  const refusal = (received: number): Told => ({ by: 'mother', what: 'refusal', received, dated: received, of: 0 });
  const withdrawal = (received: number, by: Told['by'] = 'mother'): Told => ({
    by,
    what: 'withdrawal',
    received,
    dated: received,
    of: 0,
  });
  const cases: [string, Told[], string | null][] = [
    ['1. yes, then withdrawn', [yes(-50, -50), withdrawal(5)], 'PERMISSION_WITHDRAWN'],
    ['2. two papers, one withdrawn', [yes(-50, -50), yes(-40, -40), withdrawal(5)], 'PERMISSION_WITHDRAWN'],
    ['3. an older paper found later', [yes(-50, -50), withdrawal(5), yes(6, -45)], 'SIGNED_BEFORE_WITHDRAWAL'],
    ['4. a paper dated when the no came', [yes(-50, -50), withdrawal(5), yes(6, 5)], 'SIGNED_BEFORE_WITHDRAWAL'],
    ['5. withdrawn and given again before the lesson', [yes(-50, -50), withdrawal(-20), yes(-10, -12)], null],
    ['6. refused and given before the lesson', [refusal(-20), yes(-10, -12)], null],
    ['7. given again, but known after the start only', [refusal(-20), yes(5, -12)], 'RECEIVED_AFTER_START'],
    ['8. in time, withdrawn after the start, renewed', [yes(-50, -50), withdrawal(5), yes(8, 7)], null],
    [
      '9. renewed and withdrawn again',
      [yes(-50, -50), withdrawal(5), yes(8, 7), withdrawal(9)],
      'PERMISSION_WITHDRAWN',
    ],
    ['10. renewed a second time', [yes(-50, -50), withdrawal(5), yes(8, 7), withdrawal(9), yes(12, 11)], null],
    [
      '11. withdrawn before the start, yes after it',
      [yes(-50, -50), withdrawal(-20), yes(8, 7)],
      'GRANTED_AFTER_START',
    ],
    ['12. refused, yes after the start', [refusal(-20), yes(8, 7)], 'GRANTED_AFTER_START'],
    ['13. in time, refused after the start, yes after that', [yes(-50, -50), refusal(5), yes(8, 7)], null],
    ['14. never in time, withdrawn, yes after that', [yes(3, 2), withdrawal(5), yes(8, 7)], 'GRANTED_AFTER_START'],
    [
      '15. the other guardian’s yes does not help',
      [yes(-50, -50), withdrawal(5), yes(8, 7, 'father'), yes(-50, -50, 'father')],
      'PERMISSION_WITHDRAWN',
    ],
    ['16. a no of an unknown signer', [yes(-50, -50), withdrawal(5, 'unknown')], 'PERMISSION_WITHDRAWN'],
    ['17. … and a renewal after it', [yes(-50, -50), withdrawal(5, 'unknown'), yes(8, 7)], null],
    ['18. known late, dated in time, no no before', [yes(5, -12)], null],
  ];
  test.each(cases)('%s', (_, history, expected) => {
    expect(reasonsAfter(history).map(({ code }) => code)).toEqual(expected === null ? [] : [expected]);
  });

  test('19. a renewal is for no more than what was taken back', () => {
    const records = recordsOf([yes(-50, -50), withdrawal(5), yes(8, 7)]);
    const wide = { purposes: ['record', 'keep', 'release'] as const, releaseTo: ['class'] as const };
    const widened = [records[0]!, { ...records[1]!, ...wide }];
    const question = { kind: 'release', audience: 'class' } as const;
    const given = [...others.map((record) => ({ ...record, ...wide })), ...widened];
    expect(gateReasons(lesson(), given, late, question).map(({ code }) => code)).toEqual(['GRANTED_AFTER_START']);
    expect(gateReasons(lesson(), given, late)).toEqual([]);
  });

  test('20. what had run out before the no is not renewed, and a renewal that runs out leaves the no', () => {
    const [first, second] = recordsOf([yes(-50, -50), withdrawal(5), yes(8, 7)]);
    const codes = (...records: Permission[]) => gateReasons(lesson(), [...others, ...records], late).map((r) => r.code);
    expect(codes({ ...first!, validUntil: at(4) }, second!)).toEqual(['GRANTED_AFTER_START']);
    expect(codes({ ...first!, validUntil: at(6) }, second!)).toEqual([]);
    const father = permission('minor', { id: 'father', signer: guardian('father') });
    expect(codes(first!, { ...second!, validUntil: at(20) }, father)).toEqual(['PERMISSION_EXPIRED']);
    expect(codes(first!, { ...second!, status: 'expired' }, father)).toEqual(['PERMISSION_WITHDRAWN']);
  });

  test('21. for a site everybody who signs for it is one signer', () => {
    const head = permission('site');
    const deputy = { name: 'Müdür Yardımcısı', capacity: 'site_representative' as const, guardianId: null };
    const no = permission('site', { id: 'no', status: 'refused', signer: deputy, receivedAt: null, noAt: [at(-10)] });
    const codes = (...records: Permission[]) =>
      gateReasons(lesson(), [permission('adult'), permission('minor'), ...records], late).map((r) => r.code);
    expect(codes(head, no)).toEqual(['PERMISSION_REFUSED']);
    expect(codes(head, no, { ...head, id: 'new', signedAt: at(-5), receivedAt: at(-4) })).toEqual([]);
  });
});
