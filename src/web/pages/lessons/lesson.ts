import type { Answer } from '../../api/types.ts';

export type Lesson = Answer<'getLesson'>;
