import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { WatchPage } from './pages/watch/watch-page.tsx';
import './styles/base.css';
import { currentLanguage } from './words/current.ts';
import { speakToViewers } from './words/player-text.ts';

const host = document.getElementById('root');
if (host === null) throw new Error('watch.html has no root');
await speakToViewers(currentLanguage());
createRoot(host).render(
  <StrictMode>
    <WatchPage />
  </StrictMode>,
);
