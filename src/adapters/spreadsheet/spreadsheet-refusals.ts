import { Refusal } from '../../domain/errors.ts';

export const damaged = (detail: string): Refusal =>
  new Refusal('ROSTER_UNREADABLE', {
    message: `spreadsheet: ${detail}`,
    reasons: [{ code: 'SPREADSHEET_UNREADABLE' }],
  });

export const encrypted = (): Refusal =>
  new Refusal('ROSTER_UNREADABLE', {
    reasons: [{ code: 'SPREADSHEET_ENCRYPTED' }],
  });

export const documentType = (part: string): Refusal =>
  new Refusal('ROSTER_UNREADABLE', {
    reasons: [{ code: 'SPREADSHEET_DOCUMENT_TYPE', params: { part } }],
  });

export const tooSlow = (): Refusal =>
  new Refusal('ROSTER_UNREADABLE', {
    reasons: [{ code: 'SPREADSHEET_TOO_SLOW' }],
  });

export const tooLarge = (): Refusal =>
  new Refusal('TOO_LARGE', {
    reasons: [{ code: 'SPREADSHEET_TOO_LARGE' }],
  });
