import { type ReactNode, useState } from 'react';
import { Button as AriaButton, type ButtonProps } from 'react-aria-components';
import styles from './button.module.css';
import { ProblemNotice } from './problem-notice.tsx';

export type Tone = 'plain' | 'primary' | 'danger' | 'quiet';

interface Look {
  readonly tone?: Tone;
  readonly small?: boolean;
  readonly wide?: boolean;
}

/** The class of something that looks like a button, such as a link that begins something. */
export const buttonClass = ({ tone = 'plain', small = false, wide = false }: Look = {}): string =>
  [styles.button, styles[tone], small && styles.small, wide && styles.wide].filter(Boolean).join(' ');

interface Busy {
  /** Something is under way: it keeps the focus, and pressing it does nothing. */
  readonly isBusy?: boolean;
}

export function Button({ tone, small, wide, isBusy = false, ...props }: ButtonProps & Look & Busy) {
  return (
    <AriaButton
      {...props}
      {...(isBusy ? { 'data-busy': true, 'aria-disabled': true } : {})}
      className={buttonClass({ ...look(tone, small, wide) })}
    />
  );
}

const look = (tone?: Tone, small?: boolean, wide?: boolean): Look => ({
  ...(tone === undefined ? {} : { tone }),
  ...(small === undefined ? {} : { small }),
  ...(wide === undefined ? {} : { wide }),
});

interface ActionProps extends Look {
  readonly children: ReactNode;
  readonly onAct: () => Promise<unknown>;
  /** What a screen reader says, where the visible words alone do not name what it is about. */
  readonly label?: string;
  readonly isDisabled?: boolean;
}

/** A button that cannot be pressed twice at once; what goes wrong is said beside it. */
export function ActionButton({ children, onAct, label, isDisabled = false, ...rest }: ActionProps) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const act = async () => {
    if (isBusy) return;
    setBusy(true);
    setProblem(null);
    try {
      await onAct();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button
        {...rest}
        {...(label === undefined ? {} : { 'aria-label': label })}
        isDisabled={isDisabled}
        isBusy={isBusy}
        onPress={() => void act()}
      >
        {children}
      </Button>
      <ProblemNotice error={problem} />
    </>
  );
}
