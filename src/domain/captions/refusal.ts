import { Refusal } from '../errors.ts';
import type { Reason } from '../reason.ts';

export const unreadableCaptions = (...reasons: Reason[]): Refusal => new Refusal('CAPTIONS_UNREADABLE', { reasons });
