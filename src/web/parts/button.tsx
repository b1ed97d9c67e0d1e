import { type ButtonHTMLAttributes, type ReactNode, useState } from 'react';
import { buttonClass, type Look } from './button-class.ts';
import { ProblemNotice } from './problem-notice.tsx';

interface ButtonProps
  extends Look,
    Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'disabled' | 'onClick'> {
  readonly onPress?: () => void;
  readonly isDisabled?: boolean;
  /** Something is under way: it keeps the focus, and pressing it does nothing. */
  readonly isBusy?: boolean;
}

export function Button({ tone, small, wide, isBusy = false, isDisabled = false, onPress, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={isDisabled}
      aria-disabled={isBusy || undefined}
      className={buttonClass({ tone, small, wide })}
      onClick={isBusy ? undefined : onPress}
    />
  );
}

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
