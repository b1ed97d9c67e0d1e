import { type Audience, audiences, type Purpose, purposes } from '../../../domain/permission.ts';
import type { Answer, Item } from '../../api/types.ts';
import type { Option } from '../../parts/fields.tsx';

export type Course = Answer<'getCourse'>;

/** `7-A (2026–2027)`. */
export const className = ({ name, schoolYear }: { readonly name: string; readonly schoolYear: number }): string =>
  `${name} (${schoolYear}–${schoolYear + 1})`;

export const approvedChannels = (channels: readonly Item<'listChannels'>[] = []): Option[] =>
  channels.filter(({ approved }) => approved).map(({ id, name }) => [id, name] as const);

/** Those of the closed set that were ticked. */
export const pickAudiences = (ticked: readonly string[]): Audience[] => audiences.filter((one) => ticked.includes(one));
export const pickPurposes = (ticked: readonly string[]): Purpose[] => purposes.filter((one) => ticked.includes(one));
