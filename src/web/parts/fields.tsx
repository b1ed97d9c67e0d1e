import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react';
import styles from './form.module.css';

interface Labelled {
  readonly label: string;
  readonly hint?: ReactNode;
}

/** Ties a label and a hint to a control. */
function Labels({ label, hint, id, children }: Labelled & { readonly id: string; readonly children: ReactNode }) {
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children}
      {hint !== undefined && hint !== null && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}
const described = (id: string, hint: ReactNode) =>
  hint === undefined || hint === null ? {} : { 'aria-describedby': `${id}-hint` };

/** A native input with its label: the browser's own keyboard, date picker and autofill. */
export function Field({ label, hint, ...input }: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const made = useId();
  const id = input.id ?? made;
  return (
    <Labels label={label} hint={hint} id={id}>
      <input type="text" {...described(id, hint)} {...input} id={id} />
    </Labels>
  );
}

export function TextArea({ label, hint, ...area }: Labelled & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  const id = useId();
  return (
    <Labels label={label} hint={hint} id={id}>
      <textarea rows={3} {...described(id, hint)} {...area} id={id} />
    </Labels>
  );
}

/** What may be chosen: the value that is sent, and its name. */
export type Option = readonly [value: string, name: string];

/** A native select: on a telephone the telephone's own. */
export function Select({
  label,
  hint,
  options,
  ...select
}: Labelled & { readonly options: readonly Option[] } & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId();
  return (
    <Labels label={label} hint={hint} id={id}>
      <select {...described(id, hint)} {...select} id={id}>
        {options.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </Labels>
  );
}

/** One box to tick. */
export function Tick({ label, hint, ...input }: Labelled & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className={styles.field}>
      <label className={styles.tick} htmlFor={id}>
        <input type="checkbox" {...described(id, hint)} {...input} id={id} />
        <span>{label}</span>
      </label>
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}

interface GroupProps {
  readonly legend: string;
  readonly hint?: ReactNode;
  readonly children: ReactNode;
}

/** Fields that belong together under one legend. */
export function Group({ legend, hint, children }: GroupProps) {
  const id = useId();
  return (
    <fieldset className={styles.group} {...described(id, hint)}>
      <legend>{legend}</legend>
      {hint !== undefined && <small id={`${id}-hint`}>{hint}</small>}
      {children}
    </fieldset>
  );
}

interface ChoicesProps {
  readonly legend: string;
  readonly hint?: ReactNode;
  readonly name: string;
  readonly options: readonly Option[];
  readonly chosen?: readonly string[];
  /** One of them, or any number. */
  readonly one?: boolean;
  readonly required?: boolean;
  readonly onChoose?: (value: string) => void;
  /** Said where there is nothing to choose. */
  readonly none?: ReactNode;
}

/** Boxes or radio buttons of one question. */
export function Choices({
  legend,
  hint,
  name,
  options,
  chosen = [],
  one = false,
  required = false,
  onChoose,
  none,
}: ChoicesProps) {
  return (
    <Group legend={legend} hint={hint}>
      {options.length === 0 && none !== undefined && <p className="quiet">{none}</p>}
      {options.map(([value, text]) => (
        <label key={value} className={styles.tick}>
          <input
            type={one ? 'radio' : 'checkbox'}
            name={name}
            value={value}
            defaultChecked={chosen.includes(value)}
            required={one && required}
            onChange={() => onChoose?.(value)}
          />
          <span>{text}</span>
        </label>
      ))}
    </Group>
  );
}
