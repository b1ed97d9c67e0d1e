import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import styles from './dialog.module.css';

interface DialogProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  /** Wide enough for lists and pictures. */
  readonly wide?: boolean;
  /** A question that has to be answered: a click beside it does not close it. */
  readonly isAlert?: boolean;
}

/** The browser's own dialog over the page: the focus stays in it, Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, children, onClose, wide = false, isAlert = false }: DialogProps) {
  const host = useRef<HTMLDialogElement>(null);
  const beganBeside = useRef(false);
  const titleId = useId();
  useLayoutEffect(() => {
    const dialog = host.current;
    if (dialog === null) return;
    dialog.showModal();
    // What is to be read begins at its title; a question begins with its first control, as browsers have it.
    if (!isAlert) dialog.focus();
    return () => dialog.close();
  }, [isAlert]);
  return createPortal(
    // biome-ignore lint/a11y/useKeyWithClickEvents: the key is Escape, which the browser hears
    <dialog
      ref={host}
      tabIndex={-1}
      role={isAlert ? 'alertdialog' : 'dialog'}
      aria-labelledby={titleId}
      className={wide ? `${styles.modal} ${styles.wide}` : styles.modal}
      // A dialog that is drawn twice, as React's strict mode does, is open again when it hears that it was closed.
      onClose={({ target, currentTarget }) => target === currentTarget && !currentTarget.open && onClose()}
      onPointerDown={({ target, currentTarget }) => {
        beganBeside.current = target === currentTarget;
      }}
      // Who marks words in it may let go beside it.
      onClick={({ target, currentTarget }) => target === currentTarget && beganBeside.current && !isAlert && onClose()}
    >
      <div className={styles.dialog}>
        <h2 id={titleId}>{title}</h2>
        {children}
      </div>
    </dialog>,
    document.body,
  );
}
