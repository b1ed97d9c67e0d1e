import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { HomePage } from '../pages/home/home-page.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { Frame, NotFound } from './frame.tsx';

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });
const parent = () => root;

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
    path: '/account',
    component: lazyRouteComponent(() => import('../pages/account/account-page.tsx'), 'AccountPage'),
  }),
];

export const router = createRouter({
  routeTree: root.addChildren(pages),
  basepath: '/app',
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: ({ error }) => <ProblemNotice error={error} />,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
