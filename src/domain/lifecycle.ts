import { Refusal } from './errors.ts';
import type { ReasonCode } from './reason.ts';
import type { ErasureReason } from './retention.ts';

/** Where a recording stands. `sealed` means: every byte is encrypted, stored and accounted for. */
export const recordingStates = [
  'receiving',
  'sealed',
  'in_review',
  'cleared',
  'approved',
  'released',
  'quarantined',
  'rejected',
  'expired',
  'erased',
] as const;
export type RecordingState = (typeof recordingStates)[number];

/** Where a resumable upload stands. sealing: all bytes are there, and not published yet; failed: nothing is kept. */
export const uploadStates = ['receiving', 'sealing', 'failed'] as const;
export type UploadState = (typeof uploadStates)[number];

/** Where the third-party check of a recording stands. */
export const checkStates = ['waiting', 'running', 'done', 'failed'] as const;

export const renditionStates = ['making', 'ready', 'failed'] as const;

/** Why a recording stands where it does: what the gate, the clock or a decision said. A person's own words are a note beside it. */
export type StateCode = ReasonCode | ErasureReason | 'SEGMENT_REFUSED';

/** The only ways from one state to another (docs/lifecycle.md shows them as a picture). */
export const transitions = {
  seal: { from: ['receiving'], to: 'sealed' },
  open_review: { from: ['sealed'], to: 'in_review' },
  clear: { from: ['in_review'], to: 'cleared' },
  /** New material was declared or found: what was cleared has to be looked at again. */
  reopen_review: { from: ['cleared', 'approved', 'released'], to: 'in_review' },
  approve: { from: ['cleared'], to: 'approved' },
  release: { from: ['approved'], to: 'released' },
  /** The audience's time is over or an administrator ended it; it may be released again. */
  end_release: { from: ['released'], to: 'approved' },
  quarantine: { from: ['sealed', 'in_review', 'cleared', 'approved', 'released'], to: 'quarantined' },
  lift_quarantine: { from: ['quarantined'], to: 'in_review' },
  reject: { from: ['sealed', 'in_review', 'cleared', 'approved', 'quarantined'], to: 'rejected' },
  expire: {
    from: ['sealed', 'in_review', 'cleared', 'approved', 'released', 'quarantined', 'rejected'],
    to: 'expired',
  },
  erase: {
    from: ['sealed', 'in_review', 'cleared', 'approved', 'released', 'quarantined', 'rejected', 'expired'],
    to: 'erased',
  },
} as const satisfies Record<string, { from: readonly RecordingState[]; to: RecordingState }>;
export type Transition = keyof typeof transitions;

/** @throws Refusal `WRONG_STATE` when the transition does not start from `state`. */
export function assertTransition(transition: Transition, state: RecordingState): void {
  const { from, to } = transitions[transition];
  if ((from as readonly RecordingState[]).includes(state)) return;
  throw new Refusal('WRONG_STATE', {
    reasons: [{ code: 'WRONG_STATE', params: { state, to } }],
  });
}
