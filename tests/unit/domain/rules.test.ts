import { describe, expect, test } from 'vitest';
import { auditActions } from '../../../src/domain/audit-event.ts';
import { assertAllDecided, assertDecision, clock, editsOf, type SegmentView } from '../../../src/domain/decision.ts';
import { Refusal } from '../../../src/domain/errors.ts';
import { assertTransition, recordingStates, type Transition, transitions } from '../../../src/domain/lifecycle.ts';
import { assertApproverIsSomebodyElse, isLinkValid } from '../../../src/domain/release.ts';
import { reasonText } from '../../../src/language/reason-text.ts';

const refusalOf = (run: () => void): Refusal | null => {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
};

describe('lifecycle', () => {
  test('allows exactly the transitions of the table', () => {
    for (const [name, { from }] of Object.entries(transitions))
      for (const state of recordingStates) {
        const refusal = refusalOf(() => assertTransition(name as Transition, state));
        expect(refusal?.code ?? null).toBe((from as readonly string[]).includes(state) ? null : 'WRONG_STATE');
      }
  });
  test('has no way out of erased, and no way to released but from approved', () => {
    for (const { from } of Object.values(transitions)) expect(from).not.toContain('erased');
    const toReleased = Object.values(transitions).filter(({ to }) => to === 'released');
    expect(toReleased).toEqual([{ from: ['approved'], to: 'released' }]);
  });
});

describe('decisions', () => {
  const segment = (id: string, kind: 'mute' | 'permitted' | null, startMs = 0): SegmentView => ({
    id,
    source: 'declared',
    startMs,
    endMs: startMs + 1000,
    title: 'A song',
    decision: kind && { kind, decidedById: 'reviewer', region: null, startMs: null, endMs: null },
  });
  test('an undecided segment blocks, by name and time', () => {
    const refusal = refusalOf(() => assertAllDecided([segment('a', 'mute'), segment('b', null, 61_500)]));
    expect(refusal?.code).toBe('SEGMENTS_OPEN');
    expect(refusal?.reasons.map((reason) => reason.subject?.id)).toEqual(['b']);
    expect(reasonText(refusal!.reasons[0]!, 'en')).toBe('1:01.5–1:02.5: A song has no decision yet.');
  });
  const refusedFor = (...given: Parameters<typeof assertDecision>) =>
    refusalOf(() => assertDecision(...given))?.reasons[0]?.code ?? null;
  const region = { x: 0.5, y: 0.5, width: 0.5, height: 0.5 };
  test.each([
    [{ kind: 'blur' }, 'REGION_MISSING'],
    [{ kind: 'blur', region }, null],
    [{ kind: 'black_out' }, null],
    [{ kind: 'black_out', region: { x: 0.1, y: 0, width: 0.9, height: 1 } }, null],
    [{ kind: 'black_out', region: { ...region, x: 0.51 } }, 'REGION_OUTSIDE'],
    [{ kind: 'black_out', region: { ...region, height: 0 } }, 'REGION_OUTSIDE'],
    [{ kind: 'mute', region }, 'REGION_UNWANTED'],
    [{ kind: 'permitted' }, 'GROUND_MISSING'],
  ] as const)('%j is refused for %s', (decision, code) => {
    expect(refusedFor(decision)).toBe(code);
  });
  test.each([
    [{ startMs: 500, endMs: 2_500 }, null],
    [{ startMs: 1_500 }, null],
    [{ endMs: 1_001 }, null],
    [{ endMs: 1_000 }, 'RANGE_WRONG'],
    [{ startMs: 2_000, endMs: 2_500 }, 'RANGE_WRONG'],
    [{ startMs: 1_500, endMs: 1_500 }, 'RANGE_WRONG'],
  ])('edges moved to %j are refused for %s', (edges, code) => {
    expect(refusedFor({ kind: 'cut', ...edges }, { startMs: 1_000, endMs: 2_000 })).toBe(code);
  });
  test('the reviewer’s edges and region are those of the edit', () => {
    const one = segment('a', 'mute');
    const decision = { kind: 'blur' as const, decidedById: 'reviewer', region, startMs: 250, endMs: null };
    expect(editsOf([{ ...one, decision }])).toEqual([{ kind: 'blur', startMs: 250, endMs: 1_000, region }]);
  });
  test('become edits in order of time, permitted ones do not', () => {
    expect(editsOf([segment('a', 'mute', 5000), segment('b', 'permitted'), segment('c', 'mute', 1000)])).toEqual([
      { kind: 'mute', startMs: 1000, endMs: 2000 },
      { kind: 'mute', startMs: 5000, endMs: 6000 },
    ]);
  });
  test('to permit needs a ground', () => {
    expect(refusalOf(() => assertDecision({ kind: 'permitted' }))?.code).toBe('INVALID_REQUEST');
    expect(refusalOf(() => assertDecision({ kind: 'permitted', ground: 'licence' }))).toBeNull();
  });
  test.each([
    [0, '0:00'],
    [61_500, '1:01.5'],
    [3_661_000, '1:01:01'],
    [59_960, '0:59.9'],
  ])('clock(%i) is %s', (ms, text) => expect(clock(ms)).toBe(text));
});

describe('approval', () => {
  const recording = { uploaderId: 'u', declaredByIds: ['d', 'u'], reviewerIds: ['r1', 'r2'] };
  test.each([
    ['u', ['APPROVER_IS_UPLOADER', 'APPROVER_CHANGED_IT']],
    ['d', ['APPROVER_CHANGED_IT']],
    ['r1', ['APPROVER_IS_REVIEWER']],
    ['r2', ['APPROVER_IS_REVIEWER']],
    ['other', undefined],
  ])('by %s', (approver, expected) => {
    expect(
      refusalOf(() => assertApproverIsSomebodyElse(recording, approver))?.reasons.map((reason) => reason.code),
    ).toEqual(expected);
  });
});

describe('a personal link', () => {
  const at = new Date('2026-03-03T12:00:00Z');
  const later = new Date(at.getTime() + 1);
  const good = { link: { expiresAt: later, revokedAt: null }, release: { endsAt: later, endedAt: null } };
  test.each([
    ['holds before its ends', good, true],
    ['is over exactly at its end', { ...good, link: { ...good.link, expiresAt: at } }, false],
    ['is over exactly at the release’s end', { ...good, release: { ...good.release, endsAt: at } }, false],
    ['is over once revoked', { ...good, link: { ...good.link, revokedAt: at } }, false],
    ['is over once the release ended', { ...good, release: { ...good.release, endedAt: at } }, false],
  ])('%s', (_, { link, release }, expected) => expect(isLinkValid(link, release, at)).toBe(expected));
});

test('an audit action is a thing and what happened to it', () => {
  for (const action of auditActions) expect(action).toMatch(/^[a-z]+\.[a-z_]+$/);
});
