import { type ReactNode, useEffect, useRef, useState } from 'react';
import { setDoors } from '../api/ask.ts';
import { Dialog } from '../parts/dialog.tsx';
import { text } from '../words/current.ts';
import { ConfirmForm, SignInForm } from './proof.tsx';
import { useShell } from './session.tsx';

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
  return (
    <>
      {children}
      {door === 'confirm' && (
        <Dialog title={text('confirmTitle')} onClose={() => close(false)} isAlert>
          <p>{text('confirmLead')}</p>
          <ConfirmForm onConfirmed={() => close(true)} />
        </Dialog>
      )}
      {door === 'sign-in' && session !== null && (
        <Dialog title={text('signInAgain')} onClose={() => close(false)} isAlert>
          <p>{text('signInAgainLead')}</p>
          <SignInForm
            email={session.person.email}
            onSignedIn={async (next) => {
              if (next.person.id === session.person.id) return close(true);
              // What is on this page belongs to somebody else.
              close(false);
              await signedIn(next);
              location.assign('/');
            }}
          />
        </Dialog>
      )}
    </>
  );
}
