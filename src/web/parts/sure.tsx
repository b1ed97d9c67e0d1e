import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';
import { text } from '../words/current.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import styles from './form.module.css';

interface Question {
  readonly title: string;
  readonly text?: ReactNode;
  /** The words of the button that does it. */
  readonly yes: string;
  readonly isDangerous?: boolean;
}
type Ask = (question: Question) => Promise<boolean>;

const Context = createContext<Ask>(async () => false);

/** Asks before something that cannot be undone; resolves to whether to go on. */
export const useSure = (): Ask => useContext(Context);

export function SureProvider({ children }: { readonly children: ReactNode }) {
  const [question, setQuestion] = useState<Question | null>(null);
  const answer = useRef<(isSure: boolean) => void>(() => {});
  const ask = useCallback<Ask>((next) => {
    answer.current(false);
    setQuestion(next);
    return new Promise((resolve) => {
      answer.current = resolve;
    });
  }, []);
  const close = (isSure: boolean) => {
    setQuestion(null);
    answer.current(isSure);
  };
  return (
    <Context value={ask}>
      {children}
      {question !== null && (
        <Dialog title={question.title} onClose={() => close(false)} isAlert>
          {typeof question.text === 'string' ? <p>{question.text}</p> : question.text}
          <div className={styles.buttons}>
            <Button autoFocus onPress={() => close(false)}>
              {text('cancel')}
            </Button>
            <Button tone={question.isDangerous === false ? 'primary' : 'danger'} onPress={() => close(true)}>
              {question.yes}
            </Button>
          </div>
        </Dialog>
      )}
    </Context>
  );
}
