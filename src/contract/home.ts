import { z } from 'zod';
import { waitingKinds } from '../domain/waiting.ts';
import { anyOfSchool, list, type Route } from './route.ts';
import { time } from './values.ts';

export const homeRoutes = {
  getHome: {
    method: 'get',
    path: '/api/home',
    tag: 'Home',
    summary: 'What waits for the caller, counted, with the age of the oldest',
    access: anyOfSchool,
    scope: 'read',
    status: 200,
    answer: list(
      z
        .object({
          kind: z.enum(waitingKinds),
          count: z.number(),
          since: time.meta({ description: 'Since when the oldest of them waits' }),
        })
        .meta({ id: 'Waiting' }),
    ),
  },
} as const satisfies Record<string, Route>;
