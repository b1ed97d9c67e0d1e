import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Filled } from './full-school.ts';
import type { StaffName } from './web-school.ts';

export const values = {
  language: ['tr', 'en'],
  colorScheme: ['light', 'dark'],
  width: [390, 1280],
  state: ['full', 'empty', 'failed'],
} as const;

/** How a page is looked at. */
export type View = { readonly [Name in keyof typeof values]: (typeof values)[Name][number] };

/** A page, and who looks at it; null: nobody who is signed in. */
export interface Place {
  readonly route: string;
  readonly as: StaffName | null;
  /** Where there is something to see; left out: the route itself. */
  readonly at?: (filled: Filled) => string;
  /** Where the thing that the page is about has nothing in it; left out: the page in a school that has just begun. */
  readonly bareAt?: (filled: Filled) => string;
  /** The page asks the server for nothing, so nothing can fail. */
  readonly asksNothing?: true;
  /** It tries again by itself, and has no button for it. */
  readonly triesByItself?: true;
}

export const places: readonly Place[] = [
  { route: '/', as: 'teacher' },
  { route: '/courses', as: 'teacher' },
  { route: '/courses/new', as: 'teacher' },
  {
    route: '/courses/$courseId',
    as: 'teacher',
    at: at('/courses', 'courseId'),
    bareAt: at('/courses', 'bareCourseId'),
  },
  { route: '/lessons', as: 'teacher' },
  { route: '/lessons/new', as: 'teacher' },
  {
    route: '/lessons/$lessonId',
    as: 'teacher',
    at: at('/lessons', 'lessonId'),
    bareAt: at('/lessons', 'bareLessonId'),
  },
  {
    route: '/lessons/$lessonId/attendance',
    as: 'teacher',
    at: ({ attendedLessonId }) => `/lessons/${attendedLessonId}/attendance`,
    bareAt: ({ bareLessonId }) => `/lessons/${bareLessonId}/attendance`,
  },
  { route: '/recordings', as: 'reviewer' },
  {
    route: '/recordings/$recordingId',
    as: 'admin',
    at: at('/recordings', 'releasedId'),
    bareAt: at('/recordings', 'bareRecordingId'),
  },
  {
    route: '/recordings/$recordingId/review',
    as: 'reviewer',
    at: ({ inReviewId }) => `/recordings/${inReviewId}/review`,
    bareAt: ({ bareRecordingId }) => `/recordings/${bareRecordingId}/review`,
  },
  { route: '/paper', as: 'teacher' },
  { route: '/works', as: 'reviewer' },
  { route: '/school', as: 'admin' },
  { route: '/channels', as: 'admin' },
  { route: '/staff', as: 'admin' },
  { route: '/retention', as: 'admin' },
  { route: '/people', as: 'teacher' },
  { route: '/people/$personId', as: 'teacher', at: at('/people', 'personId'), bareAt: at('/people', 'barePersonId') },
  // A sheet that does not exist says so.
  {
    route: '/paper/$scanPageId',
    as: 'teacher',
    at: at('/paper', 'scanPageId'),
    bareAt: () => '/paper/00000000-0000-4000-8000-000000000000',
  },
  { route: '/links', as: 'teacher' },
  { route: '/system', as: 'admin' },
  { route: '/schools', as: 'authority' },
  {
    route: '/help/$guide',
    as: 'auditor',
    at: () => '/help/auditor',
    bareAt: () => '/help/guardian',
    asksNothing: true,
  },
  { route: '/log', as: 'auditor' },
  { route: '/anomalies', as: 'auditor' },
  { route: '/account', as: 'teacher' },
];

/** Pages before and beside the router. */
export const placesOutside: readonly Place[] = [
  { route: 'sign-in', as: null, at: () => '/', bareAt: () => '/#forgotten', asksNothing: true },
  { route: 'watch', as: null, at: ({ token }) => `/watch#${token}`, bareAt: () => '/watch', triesByItself: true },
];

function at(path: string, id: keyof Filled): (filled: Filled) => string {
  return (filled) => `${path}/${filled[id]}`;
}

/** Every combination of the values of a page. */
export const allViews: readonly View[] = values.language.flatMap((language) =>
  values.colorScheme.flatMap((colorScheme) =>
    values.width.flatMap((width) => values.state.map((state) => ({ language, colorScheme, width, state }))),
  ),
);

/** So few views that the n-th page meets each value at least once; which values meet differs from page to page. */
export const fewViews = (n: number): View[] =>
  values.state.map((state, at) => ({
    state,
    language: values.language[(n + at) % 2]!,
    colorScheme: values.colorScheme[((n >> 1) + (at >> 1)) % 2]!,
    width: values.width[((n >> 2) + ((at + 1) >> 1)) % 2]!,
  }));

/** The paths of the router, read from its source: it cannot be loaded outside a browser. */
export function routedPaths(): string[] {
  const source = readFileSync(fileURLToPath(new URL('../../src/web/shell/router.tsx', import.meta.url)), 'utf8');
  const paths = [...source.matchAll(/^ {4}path: '([^']+)',$/gm)].map((match) => match[1]!);
  const routes = source.split('createRoute({').length - 1;
  if (paths.length !== routes) throw new Error(`router.tsx has ${routes} routes, but ${paths.length} paths are found`);
  return paths;
}
