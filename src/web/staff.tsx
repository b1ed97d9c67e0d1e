import { lazy, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { askAhead } from './api/ask.ts';
import { EntryPage, useOpensByToken } from './pages/entry/entry-page.tsx';
import { SecondFactorPage } from './pages/entry/second-factor-page.tsx';
import { SaidProvider } from './parts/said.tsx';
import { bringsSession, ShellProvider, useShell } from './shell/session.tsx';
import { showTheme } from './shell/theme.ts';
import './styles/base.css';
import { currentLanguage } from './words/current.ts';
import { speakIn } from './words/speak.ts';

const loadApp = () => import('./shell/app.tsx');
const App = lazy(async () => {
  const { App, pageLoaded } = await loadApp();
  // A router that is still loading draws a fallback, which React does not replace for 300 ms.
  await pageLoaded;
  return { default: App };
});

function Staff() {
  const { session } = useShell();
  const opensByToken = useOpensByToken();
  return (
    <SaidProvider>
      {session === null || opensByToken ? <EntryPage /> : session.secondFactorMissing ? <SecondFactorPage /> : <App />}
    </SaidProvider>
  );
}

const host = document.getElementById('root');
if (host === null) throw new Error('staff.html has no root');
showTheme();
if (bringsSession()) {
  askAhead('getSession', {});
  void loadApp();
  if (location.pathname === '/') askAhead('getHome', {});
} else {
  // Whoever begins to type is about to need it.
  addEventListener('keydown', () => void loadApp(), { once: true });
  addEventListener('pointerdown', () => void loadApp(), { once: true });
}
await speakIn(currentLanguage());
createRoot(host).render(
  <StrictMode>
    <ShellProvider>
      <Staff />
    </ShellProvider>
  </StrictMode>,
);
