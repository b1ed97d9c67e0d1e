import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from './button.tsx';
import type { Tone } from './button-class.ts';
import { dropDraft, keepDraft, readDraft } from './drafts.ts';
import styles from './form.module.css';
import { ProblemNotice } from './problem-notice.tsx';

/** What the fields of a form hold when it is sent, by their names. */
export class Values {
  readonly #data: FormData;
  constructor(form: HTMLFormElement) {
    this.#data = new FormData(form);
  }
  /** The words of a field, without spaces around them; empty when there are none. */
  text(name: string): string {
    const value = this.#data.get(name);
    return typeof value === 'string' ? value.trim() : '';
  }
  /** The characters of a field exactly as they were typed, such as a password. */
  exact(name: string): string {
    const value = this.#data.get(name);
    return typeof value === 'string' ? value : '';
  }
  /** Null where nothing was typed. */
  number(name: string): number | null {
    const value = this.text(name);
    return value === '' ? null : Number(value);
  }
  isTicked(name: string): boolean {
    return this.#data.has(name);
  }
  /** Every value that is ticked under this name. */
  all(name: string): string[] {
    return this.#data.getAll(name).filter((value) => typeof value === 'string');
  }
  /** A moment that was chosen in the time zone of this device, as RFC 3339; null where none was. */
  instant(name: string): string | null {
    const value = this.text(name);
    return value === '' ? null : new Date(value).toISOString();
  }
  files(name: string): File[] {
    return this.#data.getAll(name).filter((value) => value instanceof File && value.size > 0) as File[];
  }
}

interface FormProps {
  readonly children: ReactNode;
  /** The words of its button. */
  readonly send: string;
  readonly onSend: (values: Values) => Promise<unknown>;
  /** More buttons beside it. */
  readonly more?: ReactNode;
  readonly tone?: Tone;
  readonly wideButton?: boolean;
  /** Empties the fields when it was sent. */
  readonly clears?: boolean;
  /** Keeps what is typed in this tab under this name, until it is sent: nothing is lost on reload or sign-in. */
  readonly draft?: string;
  readonly className?: string | undefined;
}

/**
 * A form that cannot be sent twice at once. The server decides whether it holds; its reasons stand above the button.
 * Fields are native and keep their own state: what the browser checks, such as `required`, is checked first.
 */
export function Form({ children, send, onSend, more, tone = 'primary', wideButton = false, ...rest }: FormProps) {
  const { clears = false, draft, className } = rest;
  const form = useRef<HTMLFormElement>(null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    if (draft !== undefined && form.current) readDraft(draft, form.current);
  }, [draft]);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isBusy) return;
    const target = event.currentTarget;
    setBusy(true);
    setProblem(null);
    try {
      await onSend(new Values(target));
      if (draft !== undefined) dropDraft(draft);
      if (clears) target.reset();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      ref={form}
      className={className ?? styles.form}
      onSubmit={(event) => void submit(event)}
      onInput={() => draft !== undefined && form.current && keepDraft(draft, form.current)}
    >
      {children}
      <ProblemNotice error={problem} />
      <div className={styles.buttons}>
        <Button type="submit" tone={tone} wide={wideButton} isBusy={isBusy}>
          {send}
        </Button>
        {more}
      </div>
    </form>
  );
}
