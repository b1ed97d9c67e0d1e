import { Refusal, type RefusalCode } from '../../domain/errors.ts';
import type { Reason, ReasonCode } from '../../domain/reason.ts';

const refuse = (refusal: RefusalCode, code: ReasonCode, params: Reason['params'] = {}, cause?: unknown): Refusal =>
  new Refusal(refusal, { reasons: [{ code, params }], ...(cause === undefined ? {} : { cause }) });

export const damagedArchive = (cause: unknown): Refusal => refuse('NOT_MEDIA', 'ARCHIVE_DAMAGED', {}, cause);

export const tooManyEntries = (most: number): Refusal => refuse('TOO_LARGE', 'ARCHIVE_TOO_MANY_FILES', { most });

export const encryptedEntry = (): Refusal => refuse('NOT_MEDIA', 'ENTRY_ENCRYPTED');

export const unknownMethod = (): Refusal => refuse('NOT_MEDIA', 'ENTRY_METHOD');

export const expandsTooFar = (ratio: number): Refusal =>
  refuse('MEDIA_NOT_ALLOWED', 'ENTRY_EXPANDS_TOO_FAR', { ratio });

export const damagedEntry = (cause: unknown): Refusal => refuse('NOT_MEDIA', 'ENTRY_DAMAGED', {}, cause);
