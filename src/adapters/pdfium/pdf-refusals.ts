import { Refusal } from '../../domain/errors.ts';

export const encrypted = (): Refusal =>
  new Refusal('NOT_MEDIA', {
    reasons: [{ code: 'PDF_ENCRYPTED' }],
  });

export const unreadable = (detail: string): Refusal =>
  new Refusal('NOT_MEDIA', {
    message: `pdf: ${detail}`,
    reasons: [{ code: 'PDF_UNREADABLE' }],
  });

export const tooManyPages = (most: number): Refusal =>
  new Refusal('MEDIA_NOT_ALLOWED', {
    reasons: [{ code: 'PDF_TOO_MANY_PAGES', params: { most } }],
  });

export const tooLarge = (mostBytes: number): Refusal =>
  new Refusal('TOO_LARGE', {
    reasons: [{ code: 'PDF_TOO_LARGE', params: { mebibytes: mostBytes / 1024 ** 2 } }],
  });

export const tooSlow = (): Refusal =>
  new Refusal('MEDIA_NOT_ALLOWED', {
    reasons: [{ code: 'PDF_TOO_SLOW' }],
  });
