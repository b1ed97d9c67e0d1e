import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';
import { text } from '../words/current.ts';
import { ActionButton, Button } from './button.tsx';
import styles from './said.module.css';

interface Said {
  readonly text: string;
  /** Takes back what was done. */
  readonly undo?: () => Promise<unknown>;
}
type Say = (said: string | Said) => void;

const Context = createContext<Say>(() => {});

/** Says what was done: shown at the foot of the page and read out, with a button to take it back where that can be. */
export const useSay = (): Say => useContext(Context);

/** How long a sentence without a button stays, in milliseconds. */
const staysMs = 8_000;

export function SaidProvider({ children }: { readonly children: ReactNode }) {
  const [said, setSaid] = useState<Said | null>(null);
  const say = useCallback<Say>((next) => setSaid(typeof next === 'string' ? { text: next } : next), []);
  useEffect(() => {
    if (said === null || said.undo !== undefined) return;
    const timer = setTimeout(() => setSaid(null), staysMs);
    return () => clearTimeout(timer);
  }, [said]);
  const undo = said?.undo;
  return (
    <Context value={say}>
      {children}
      <div role="status" className={styles.host}>
        {said !== null && (
          <div className={styles.said}>
            <span>{said.text}</span>
            {undo !== undefined && (
              <ActionButton small onAct={() => undo().then(() => setSaid(null))}>
                {text('takeBack')}
              </ActionButton>
            )}
            <Button small tone="quiet" aria-label={text('close')} onPress={() => setSaid(null)}>
              ×
            </Button>
          </div>
        )}
      </div>
    </Context>
  );
}
