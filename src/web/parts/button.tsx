import { type ReactNode, useState } from 'react';
import { Button as AriaButton, type ButtonProps } from 'react-aria-components';
import { buttonClass, type Look, type Tone } from './button-class.ts';
import { ProblemNotice } from './problem-notice.tsx';

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
