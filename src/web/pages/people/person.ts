import type { Answer } from '../../api/types.ts';

export type Person = Answer<'getPerson'>;
