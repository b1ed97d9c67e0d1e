import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { I18nProvider } from 'react-aria-components';
import { createRoot } from 'react-dom/client';
import { makeQueryClient } from './api/use-ask.ts';
import { EntryPage, useOpensByToken } from './pages/entry/entry-page.tsx';
import { SecondFactorPage } from './pages/entry/second-factor-page.tsx';
import { SaidProvider } from './parts/said.tsx';
import { SureProvider } from './parts/sure.tsx';
import { Doors } from './shell/doors.tsx';
import { router } from './shell/router.tsx';
import { askAhead, ShellProvider, useShell } from './shell/session.tsx';
import { showTheme } from './shell/theme.ts';
import './styles/base.css';
import { currentLanguage } from './words/current.ts';
import { speakIn } from './words/speak.ts';

function Staff() {
  const { session, language } = useShell();
  const opensByToken = useOpensByToken();
  return (
    <I18nProvider locale={language === 'tr' ? 'tr-TR' : 'en-GB'}>
      <SaidProvider>
        <SureProvider>
          {session === null || opensByToken ? (
            <EntryPage />
          ) : session.secondFactorMissing ? (
            <SecondFactorPage />
          ) : (
            <Doors>
              <RouterProvider router={router} key={session.person.id} />
            </Doors>
          )}
        </SureProvider>
      </SaidProvider>
    </I18nProvider>
  );
}

const host = document.getElementById('root');
if (host === null) throw new Error('staff.html has no root');
showTheme();
const client = makeQueryClient();
askAhead();
await speakIn(currentLanguage());
createRoot(host).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <ShellProvider>
        <Staff />
      </ShellProvider>
    </QueryClientProvider>
  </StrictMode>,
);
