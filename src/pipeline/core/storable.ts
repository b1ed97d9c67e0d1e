import type { Prisma } from '../../adapters/prisma/generated/client.ts';

/** Times that a column holds: a file may claim to last for centuries. */
export function storableMs(ms: number): number {
  return Math.round(Math.min(Math.max(ms, 0), 2_147_483_647));
}

/** Text from an untrusted file without what PostgreSQL refuses: NUL and halves of surrogate pairs. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** A value as a JSON column takes it, every text in it storable. */
export function storableJson(value: object): Prisma.InputJsonValue {
  return JSON.parse(JSON.stringify(value), (_, member) => (typeof member === 'string' ? storableText(member) : member));
}
