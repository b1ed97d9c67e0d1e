import { z } from 'zod';
import { searchKinds } from '../domain/search.ts';
import { lessonReaders, list, type Route } from './route.ts';
import { id, maybeTime, text } from './values.ts';

export const searchRoutes = {
  search: {
    method: 'get',
    path: '/api/search',
    tag: 'Home',
    summary: 'Courses, lessons, people and recordings that the caller may see, by the beginnings of words',
    access: lessonReaders,
    scope: 'read',
    query: z.object({ text: text(200).min(2) }),
    status: 200,
    answer: list(
      z
        .object({
          kind: z.enum(searchKinds),
          id,
          title: z.string(),
          detail: z
            .string()
            .nullable()
            .meta({ description: 'Classes of a course or a person, the course of a lesson, the file of a recording' }),
          at: maybeTime.meta({ description: 'When it begins, or came; null: a person' }),
        })
        .meta({ id: 'Found' }),
    ).meta({ description: 'At most 8 of each kind, what begins with the text first' }),
  },
} as const satisfies Record<string, Route>;
