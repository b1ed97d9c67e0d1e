import { Link, Outlet, useMatches, useRouter } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { buttonClass } from '../parts/button-class.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Empty, Page } from '../parts/page.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { text } from '../words/current.ts';
import { withAllWords } from '../words/speak.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import styles from './frame.module.css';
import { LanguageButton } from './language-button.tsx';
import { navigationFor } from './navigation.ts';
import { SearchBox } from './search-box.tsx';
import { usePerson, useShell } from './session.tsx';
import { useTheme } from './theme.ts';

/** Comes after the page: nothing is on its way before somebody has chosen a file. */
const UploadsPanel = lazy(async () => {
  const { UploadsPanel } = await withAllWords(import('../pages/uploads/uploads-panel.tsx'));
  return { default: UploadsPanel };
});

/** What stands around every page of somebody who is signed in: menu, account, and what is wrong with the connection. */
export function Frame() {
  const person = usePerson();
  const { session } = useShell();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const needs = useMatches().at(-1)?.staticData.roles;
  const isAllowed = needs === undefined || person.has(...needs);
  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main">
        {text('skip')}
      </a>
      <header className={styles.top}>
        <span className={styles.menuButton}>
          <Button small aria-label={text('openMenu')} onPress={() => setMenuOpen(true)}>
            ☰
          </Button>
        </span>
        <Link to="/" className={styles.brand}>
          <img src={new URL('../icon.svg', import.meta.url).href} alt="" width={28} height={28} />
          <span className={styles.brandName}>Emanet</span>
        </Link>
        {session !== null && session.schools.length > 1 && (
          <span className={styles.schoolName}>{session.school?.name}</span>
        )}
        {person.has('teacher', 'reviewer', 'administrator') && <SearchBox />}
        <div className={styles.end}>
          <LanguageButton />
          <AccountMenu />
        </div>
      </header>
      <nav className={styles.side} aria-label={text('pages')}>
        <Navigation />
      </nav>
      {isMenuOpen && (
        <Dialog title={text('menu')} onClose={() => setMenuOpen(false)}>
          <nav aria-label={text('pages')}>
            <Navigation onChosen={() => setMenuOpen(false)} />
          </nav>
        </Dialog>
      )}
      <main id="main" tabIndex={-1}>
        <ConnectionBanner />
        <Suspense>
          <UploadsPanel />
        </Suspense>
        {isAllowed ? <Outlet /> : <NotFound />}
      </main>
    </div>
  );
}

export function NotFound() {
  return (
    <Page title={text('pageMissing')}>
      <Empty action={<Link to="/">{text('toHome')}</Link>}>{text('pageMissingLead')}</Empty>
    </Page>
  );
}

function Navigation({ onChosen = () => {} }: { readonly onChosen?: () => void }) {
  const person = usePerson();
  const router = useRouter();
  return navigationFor(Object.values(router.routesByPath), person.roles).map(({ group, links }) => (
    <div key={group ?? ''} className={styles.group}>
      {group !== null && <p className={styles.groupName}>{text(group)}</p>}
      <ul>
        {links.map(({ to, title }) => (
          <li key={to}>
            <Link to={to} activeOptions={{ exact: to === '/' }} onClick={onChosen}>
              {text(title)}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  ));
}

/** First letters of the first and the last name. */
const initialsOf = (name: string): string =>
  [...new Set([name.split(' ').at(0), name.split(' ').at(-1)])].map((part) => part?.charAt(0) ?? '').join('');

/** The schools in which somebody may work, the one in which they do now marked. */
function Schools({
  current,
  schools,
  moveTo,
}: {
  readonly current: string | undefined;
  readonly schools: readonly { readonly id: string; readonly name: string }[];
  readonly moveTo: (schoolId: string) => Promise<void>;
}) {
  const [problem, setProblem] = useState<unknown>(null);
  return (
    <>
      {schools.map(({ id, name }) => (
        <li key={id}>
          <button
            type="button"
            aria-pressed={id === current}
            onClick={() => {
              if (id !== current) void moveTo(id).catch(setProblem);
            }}
          >
            {text('schoolNow')}: {name} {id === current && '✓'}
          </button>
        </li>
      ))}
      {problem !== null && (
        <li>
          <ProblemNotice error={problem} />
        </li>
      )}
    </>
  );
}

function AccountMenu() {
  const { session, signOut, moveTo } = useShell();
  const person = usePerson();
  const [theme, setTheme] = useTheme();
  const [isOpen, setOpen] = useState(false);
  const host = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const left = (event: PointerEvent | FocusEvent) => {
      if (event.target instanceof Node && !host.current?.contains(event.target)) setOpen(false);
    };
    const escaped = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      opener.current?.focus();
    };
    document.addEventListener('pointerdown', left);
    document.addEventListener('focusin', left);
    document.addEventListener('keydown', escaped);
    return () => {
      document.removeEventListener('pointerdown', left);
      document.removeEventListener('focusin', left);
      document.removeEventListener('keydown', escaped);
    };
  }, [isOpen]);
  return (
    <div className={styles.account} ref={host}>
      <button
        type="button"
        ref={opener}
        className={buttonClass({ small: true })}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <span className="unseen">{text('accountMenu')}</span>
        <span className={styles.name}>{person.name}</span>
        <span className={styles.initials} aria-hidden>
          {initialsOf(person.name)}
        </span>
        <span aria-hidden>▾</span>
      </button>
      {isOpen && (
        <ul className={styles.popover}>
          {session !== null && session.schools.length > 1 && (
            <Schools current={session.school?.id} schools={session.schools} moveTo={moveTo} />
          )}
          <li>
            <Link to="/account" onClick={() => setOpen(false)}>
              {text('account')}
            </Link>
          </li>
          <li>
            <Link to="/help/$guide" params={{ guide: person.roles[0] ?? 'teacher' }} onClick={() => setOpen(false)}>
              {text('help')}
            </Link>
          </li>
          {(['system', 'light', 'dark'] as const).map((one) => (
            <li key={one}>
              <button type="button" aria-pressed={theme === one} onClick={() => setTheme(one)}>
                {text('appearance')}: {text(`theme_${one}`)} {theme === one && '✓'}
              </button>
            </li>
          ))}
          <li>
            <button type="button" onClick={() => void signOut()}>
              {text('signOut')}
            </button>
          </li>
        </ul>
      )}
    </div>
  );
}
