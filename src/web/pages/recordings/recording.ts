import type { RecordingState } from '../../../domain/lifecycle.ts';
import type { Answer } from '../../api/types.ts';

export type Recording = Answer<'getRecording'>;

/** States in which the original may be played to a reviewer. */
export const playable: readonly RecordingState[] = ['sealed', 'in_review', 'cleared', 'approved', 'released'];
