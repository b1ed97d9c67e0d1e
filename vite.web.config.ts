import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = join(import.meta.dirname, 'src/web');
/** The server that `npm run dev` shows the pages of. */
const server = process.env.EMANET_URL ?? 'http://localhost:8300';

/** What viewers load too: React, the player and the parts that it draws with. `budgets.test.ts` sees what does not belong. */
const forEverybody =
  /preload-helper|node_modules\/(react|react-dom|scheduler)\/|src\/(domain\/(language|decision)|language\/fill|web\/(player|styles|words\/(current|clock)|parts\/(button-class|button\.|notice\.)))/;
/** All else that signing in needs. The entries keep their own files. */
const forEntry = (id: string): boolean =>
  !/\.html|(staff|watch)\.tsx|web\/plain\/|words\/player-text|pages\/watch/.test(id);
/** What stands around every page of somebody who is signed in, and the page with which they begin. */
const forApp = /@tanstack\/(?!(react-)?virtual)|use-sync-external-store|src\/web\/(shell|parts|api)\/|pages\/home\//;

/**
 * In `npm run dev` every address that is no file of the pages is the page of the staff, as `http/web-pages.ts` has it.
 * Whether there is a session is not known here, so the page asks.
 */
const pagesInDev: Plugin = {
  name: 'pages-in-dev',
  apply: 'serve',
  transformIndexHtml: () => [{ tag: 'meta', attrs: { name: 'emanet-session' } }],
  configureServer(dev) {
    dev.middlewares.use((req, _res, next) => {
      const path = (req.url ?? '/').split('?')[0] ?? '/';
      const isPage = req.headers.accept?.includes('text/html') === true && /^\/[a-z/0-9-]*$/i.test(path);
      if (isPage) req.url = path === '/watch' ? '/watch.html' : '/staff.html';
      next();
    });
  },
};

/**
 * Builds the pages for browsers: static files with hashes in their names, and one `.html` for each entry, in which the
 * server names what its reader needs, and in `plain.html` what the page says (`http/web-pages.ts`).
 */
export default defineConfig({
  root,
  plugins: [pagesInDev, react()],
  // The verifier (`src/verifier`) runs in browsers too, over these in place of Node.
  resolve: {
    alias: {
      'node:crypto': join(root, 'verify/node-crypto.ts'),
      'node:string_decoder': join(root, 'verify/node-string-decoder.ts'),
    },
  },
  build: {
    outDir: join(import.meta.dirname, 'dist/web'),
    emptyOutDir: true,
    manifest: 'manifest.json',
    // Nothing is put into the pages themselves: the content security policy would refuse it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    rolldownOptions: {
      input: ['staff', 'watch', 'plain'].map((name) => join(root, `${name}.html`)),
      output: {
        // What signing in needs, and what every page of the staff needs, come in few files: on a slow line each file costs a
        // journey of its own.
        codeSplitting: {
          groups: [
            { name: 'base', tags: ['$initial'], test: forEverybody, priority: 2 },
            { name: 'entry', tags: ['$initial'], test: forEntry, priority: 1 },
            { name: 'app', test: forApp, priority: 0 },
          ],
        },
      },
    },
  },
  server: {
    // The server asks that a change comes from its own pages.
    proxy: Object.fromEntries(
      ['/api', '/media', '/log/', '/.well-known/emanet-log'].map((path) => [
        path,
        { target: server, headers: { origin: server } },
      ]),
    ),
  },
});
