import { Refusal } from '../domain/errors.ts';
import type { Id } from '../domain/ids.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Where a page of a list ended, as the next request sends it back: what the list is sorted by, and an id. */
export const cursorOf = (place: readonly [by: string, id: Id] | null): string | null =>
  place && Buffer.from(JSON.stringify(place)).toString('base64url');

/** @throws Refusal `INVALID_REQUEST` for what is no cursor of ours. */
export function placeOf(cursor: string): readonly [by: string, id: Id] {
  let place: unknown;
  try {
    place = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw badCursor();
    throw error;
  }
  if (!Array.isArray(place) || place.length !== 2) throw badCursor();
  const [by, id] = place;
  if (typeof by !== 'string' || by.includes('\0') || !by.isWellFormed()) throw badCursor();
  if (typeof id !== 'string' || !uuid.test(id)) throw badCursor();
  return [by, id];
}

/** Of a list that is sorted by a time. @throws Refusal `INVALID_REQUEST`. */
export function momentOf(cursor: string): { readonly at: Date; readonly id: Id } {
  const [by, id] = placeOf(cursor);
  const at = new Date(by);
  if (Number.isNaN(at.getTime()) || at.toISOString() !== by) throw badCursor();
  return { at, id };
}

const badCursor = () =>
  new Refusal('INVALID_REQUEST', {
    reasons: [
      {
        code: 'INVALID_FORMAT',
        params: { field: 'cursor', format: 'next' },
        subject: { kind: 'field', id: 'cursor' },
      },
    ],
  });
