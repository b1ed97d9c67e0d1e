import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { courseStates } from '../../domain/course-state.ts';
import { recordingStates } from '../../domain/lifecycle.ts';
import { linkStates } from '../../domain/link-rules.ts';
import { HomePage } from '../pages/home/home-page.tsx';
import type { LogSearch } from '../pages/log/log-filter.ts';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { withAllWords } from '../words/speak.ts';
import { Frame, NotFound } from './frame.tsx';
import { given, oneOf, textOf } from './search.ts';

/** A page in a file of its own, which comes with the words of all pages. */
const lazyPage: typeof lazyRouteComponent = (load, name) => lazyRouteComponent(() => withAllWords(load()), name);

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });
const parent = () => root;

const lessonReaders = ['teacher', 'reviewer', 'administrator'] as const;
const lessonKeepers = ['teacher', 'administrator'] as const;
const administrators = ['administrator'] as const;

/** Every page: its address, who may open it, where it stands in the menu, and the file that is loaded for it. */
const pages = [
  createRoute({
    getParentRoute: parent,
    path: '/',
    staticData: { menu: { group: null, title: 'home' } },
    component: HomePage,
  }),
  createRoute({
    getParentRoute: parent,
    path: '/courses',
    staticData: { roles: lessonReaders, menu: { group: 'navTeach', title: 'courses' } },
    component: lazyPage(() => import('../pages/courses/courses-page.tsx'), 'CoursesPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/courses/new',
    staticData: { roles: lessonKeepers },
    component: lazyPage(() => import('../pages/courses/new-course-page.tsx'), 'NewCoursePage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/courses/$courseId',
    staticData: { roles: lessonReaders },
    validateSearch: (search) => given({ classId: textOf(search.classId), state: oneOf(courseStates, search.state) }),
    component: lazyPage(() => import('../pages/courses/course-page.tsx'), 'CoursePage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/lessons',
    staticData: { roles: lessonReaders, menu: { group: 'navTeach', title: 'lessons' } },
    validateSearch: (search) => given({ words: textOf(search.words), when: oneOf(['coming', 'past'], search.when) }),
    component: lazyPage(() => import('../pages/lessons/lessons-page.tsx'), 'LessonsPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/lessons/new',
    staticData: { roles: lessonKeepers },
    validateSearch: (search) => given({ from: textOf(search.from) }),
    component: lazyPage(() => import('../pages/lessons/new-lesson-page.tsx'), 'NewLessonPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/lessons/$lessonId',
    staticData: { roles: lessonReaders },
    component: lazyPage(() => import('../pages/lessons/lesson-page.tsx'), 'LessonPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/lessons/$lessonId/attendance',
    staticData: { roles: lessonReaders },
    component: lazyPage(() => import('../pages/attendance/attendance-page.tsx'), 'AttendancePage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/recordings',
    staticData: { roles: lessonReaders, menu: { group: 'navTeach', title: 'recordings' } },
    validateSearch: (search) =>
      given({
        state: oneOf(recordingStates, search.state),
        words: textOf(search.words),
        open: oneOf(['true'], String(search.open)),
      }),
    component: lazyPage(() => import('../pages/recordings/recordings-page.tsx'), 'RecordingsPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/recordings/$recordingId',
    staticData: { roles: lessonReaders },
    component: lazyPage(() => import('../pages/recordings/recording-page.tsx'), 'RecordingPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/recordings/$recordingId/review',
    staticData: { roles: ['reviewer'] },
    component: lazyPage(() => import('../pages/review/review-page.tsx'), 'ReviewPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/paper',
    staticData: { roles: lessonKeepers, menu: { group: 'navTeach', title: 'paper' } },
    component: lazyPage(() => import('../pages/paper/paper-page.tsx'), 'PaperPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/works',
    staticData: { roles: ['reviewer', 'administrator'], menu: { group: 'navCheck', title: 'works' } },
    component: lazyPage(() => import('../pages/works/works-page.tsx'), 'WorksPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/school',
    staticData: { roles: administrators, menu: { group: 'navSchool', title: 'school' } },
    component: lazyPage(() => import('../pages/school/school-page.tsx'), 'SchoolPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/channels',
    staticData: { roles: administrators, menu: { group: 'navSchool', title: 'channels' } },
    component: lazyPage(() => import('../pages/school/channels-page.tsx'), 'ChannelsPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/staff',
    staticData: { roles: administrators, menu: { group: 'navSchool', title: 'staff' } },
    component: lazyPage(() => import('../pages/staff/staff-page.tsx'), 'StaffPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/retention',
    staticData: { roles: administrators, menu: { group: 'navSchool', title: 'retention' } },
    component: lazyPage(() => import('../pages/retention/retention-page.tsx'), 'RetentionPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/people',
    staticData: { roles: lessonKeepers, menu: { group: 'navTeach', title: 'people' } },
    validateSearch: (search) => given({ search: textOf(search.search), classId: textOf(search.classId) }),
    component: lazyPage(() => import('../pages/people/people-page.tsx'), 'PeoplePage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/people/$personId',
    staticData: { roles: lessonKeepers },
    component: lazyPage(() => import('../pages/people/person-page.tsx'), 'PersonPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/paper/$scanPageId',
    staticData: { roles: lessonKeepers },
    component: lazyPage(() => import('../pages/paper/sheet-page.tsx'), 'SheetPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/links',
    staticData: { roles: lessonKeepers, menu: { group: 'navTeach', title: 'allLinks' } },
    validateSearch: (search) => given({ state: oneOf(linkStates, search.state) }),
    component: lazyPage(() => import('../pages/links/links-page.tsx'), 'LinksPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/system',
    staticData: { roles: administrators, menu: { group: 'navSchool', title: 'system' } },
    component: lazyPage(() => import('../pages/system/system-page.tsx'), 'SystemPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/schools',
    staticData: { roles: ['authority'], menu: { group: 'navSchool', title: 'schools' } },
    component: lazyPage(() => import('../pages/schools/schools-page.tsx'), 'SchoolsPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/help/$guide',
    component: lazyPage(() => import('../pages/help/help-page.tsx'), 'HelpPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/log',
    staticData: { roles: ['auditor'], menu: { group: 'navLog', title: 'log' } },
    validateSearch: (search): LogSearch => search,
    component: lazyPage(() => import('../pages/log/log-page.tsx'), 'LogPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/anomalies',
    staticData: { roles: ['administrator', 'auditor'], menu: { group: 'navLog', title: 'anomalies' } },
    validateSearch: (search) => given({ days: textOf(search.days) }),
    component: lazyPage(() => import('../pages/log/anomalies-page.tsx'), 'AnomaliesPage'),
  }),
  createRoute({
    getParentRoute: parent,
    path: '/account',
    component: lazyPage(() => import('../pages/account/account-page.tsx'), 'AccountPage'),
  }),
];

export const router = createRouter({
  routeTree: root.addChildren(pages),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: ({ error }) => <ProblemNotice error={error} />,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
