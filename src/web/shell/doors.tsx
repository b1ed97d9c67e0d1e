import { type ReactNode, useEffect, useRef, useState } from 'react';
import { ask, setDoors } from '../api/ask.ts';
import { ActionButton } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { text } from '../words/current.ts';
import { AtProvider, ConfirmForm, SignInForm } from './proof.tsx';
import { providerName } from './provider.ts';
import { type Session, useShell } from './session.tsx';

type Door = 'sign-in' | 'confirm';

/**
 * Where the server wants to know again who asks: a dialog over the page, which loses nothing of it. Everything that was
 * asked in the meantime waits for the same dialog and then goes on.
 */
export function Doors({ children }: { readonly children: ReactNode }) {
  const { session, signedIn } = useShell();
  const [door, setDoor] = useState<Door | null>(null);
  const waiting = useRef<{ door: Door; opened: Promise<boolean>; answer: (isOpen: boolean) => void } | null>(null);
  useEffect(() => {
    if (session === null) return;
    const knock = (next: Door) => {
      if (waiting.current?.door === next) return waiting.current.opened;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      waiting.current = { door: next, opened: promise, answer: resolve };
      setDoor(next);
      return promise;
    };
    setDoors({ signIn: () => knock('sign-in'), confirm: () => knock('confirm') });
    return () => setDoors(null);
  }, [session]);
  const close = (isOpen: boolean) => {
    const { answer } = waiting.current ?? {};
    waiting.current = null;
    setDoor(null);
    answer?.(isOpen);
  };
  const signedInAgain = async (next: Session) => {
    if (next.person.id === session?.person.id) return close(true);
    // What is on this page belongs to somebody else.
    close(false);
    await signedIn(next);
    location.assign('/');
  };
  return (
    <>
      {children}
      {door === 'confirm' && (
        <Dialog title={text('confirmTitle')} onClose={() => close(false)} isAlert>
          <ConfirmForm onConfirmed={() => close(true)} />
        </Dialog>
      )}
      {door === 'sign-in' && session !== null && (
        <Dialog title={text('signInAgain')} onClose={() => close(false)} isAlert>
          <p>{text('signInAgainLead')}</p>
          <SignInAgain session={session} onSignedIn={signedInAgain} />
        </Dialog>
      )}
    </>
  );
}

interface SignInAgainProps {
  readonly session: Session;
  readonly onSignedIn: (session: Session) => Promise<void>;
}

/** Whom the provider keeps signs in there, in another window. */
function SignInAgain({ session, onSignedIn }: SignInAgainProps) {
  const { email, ofProvider } = session.person;
  const name = providerName();
  if (!ofProvider || name === null) return <SignInForm email={email} onSignedIn={onSignedIn} />;
  const look = async () => onSignedIn(await ask('getSession', {}));
  return (
    <>
      <AtProvider kind="provider" name={name} onBack={() => void look().catch(() => {})} />
      <ActionButton onAct={look}>{text('confirmYes')}</ActionButton>
    </>
  );
}
