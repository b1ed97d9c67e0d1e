import {
  createContext,
  type ReactNode,
  startTransition,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from 'react';
import type { StaffRole } from '../../domain/ids.ts';
import type { Language } from '../../domain/language.ts';
import { ask } from '../api/ask.ts';
import { Problem } from '../api/problem.ts';
import type { Answer } from '../api/types.ts';
import { ActionButton } from '../parts/button.tsx';
import { dropDrafts } from '../parts/drafts.ts';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { currentLanguage, text } from '../words/current.ts';
import { speakIn } from '../words/speak.ts';

export type Session = Answer<'getSession'>;

interface Shell {
  /** Null: nobody is signed in. */
  readonly session: Session | null;
  readonly language: Language;
  signedIn(session: Session): Promise<void>;
  signOut(): Promise<void>;
  /** Goes on in another school of the same account, from its first page. */
  moveTo(schoolId: string): Promise<void>;
  changeLanguage(language: Language): Promise<void>;
}

/** What the application keeps of answers; nothing before it is loaded. */
interface Kept {
  clear(): void;
  refresh(): Promise<void>;
}
let kept: Kept = { clear() {}, refresh: async () => {} };
export const setKept = (next: Kept): void => {
  kept = next;
};

/** Whether this browser brought a session along: without one nobody is signed in, and nobody has to be asked who it is. */
export const bringsSession = (): boolean => document.querySelector('meta[name="emanet-session"]') !== null;

const Context = createContext<Shell | null>(null);

export function useShell(): Shell {
  const shell = useContext(Context);
  if (shell === null) throw new Error('used outside the shell');
  return shell;
}

/** Who is signed in. Only for pages that nobody sees without. */
export function usePerson(): Session['person'] & { has(...roles: StaffRole[]): boolean } {
  const { session } = useShell();
  if (session === null) throw new Error('nobody is signed in');
  return useMemo(
    () => ({ ...session.person, has: (...roles) => roles.some((role) => session.person.roles.includes(role)) }),
    [session],
  );
}

/** Knows who is signed in and which language is spoken. */
export function ShellProvider({ children }: { readonly children: ReactNode }) {
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [problem, setProblem] = useState<unknown>(null);
  const [language, setLanguage] = useState(currentLanguage());
  const lookWho = useCallback(async () => {
    try {
      const found = await begin();
      if (found !== null) await speakIn(found.person.language);
      // What is shown stays until the application is loaded.
      startTransition(() => {
        setLanguage(currentLanguage());
        setSession(found);
        setProblem(null);
      });
    } catch (error) {
      setProblem(error);
    }
  }, []);
  useEffect(() => {
    void lookWho();
  }, [lookWho]);
  const shell = useMemo<Shell>(
    () => ({
      session: session ?? null,
      language,
      async signedIn(next) {
        await speakIn(next.person.language);
        kept.clear();
        startTransition(() => {
          setLanguage(next.person.language);
          setSession(next);
        });
      },
      async signOut() {
        await ask('signOut', {});
        dropDrafts();
        kept.clear();
        setSession(null);
      },
      async moveTo(schoolId) {
        await ask('moveSession', { body: { schoolId } });
        dropDrafts();
        // What is kept of answers is of the school before: the page begins anew.
        location.assign('/');
      },
      async changeLanguage(next) {
        await speakIn(next);
        setLanguage(next);
        if (!session) return;
        await ask('setLanguage', { body: { language: next } });
        await kept.refresh();
      },
    }),
    [session, language],
  );
  if (problem !== null)
    return (
      <main className="starting">
        <h1>Emanet</h1>
        <ProblemNotice error={problem} />
        <ActionButton onAct={lookWho}>{text('tryAgain')}</ActionButton>
      </main>
    );
  if (session === undefined)
    return (
      <p className="quiet starting" aria-busy="true">
        {text('loading')}
      </p>
    );
  return <Context value={shell}>{children}</Context>;
}

async function begin(): Promise<Session | null> {
  if (!bringsSession()) return null;
  try {
    return await ask('getSession', {});
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}
