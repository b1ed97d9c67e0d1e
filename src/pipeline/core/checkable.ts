import type { RecordingState } from '../../domain/lifecycle.ts';

/** A recording in one of these states is sealed, in reach, and to be checked. */
export const checkable: readonly RecordingState[] = ['sealed', 'in_review', 'cleared', 'approved', 'released'];
