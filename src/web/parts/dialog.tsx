import type { ReactNode } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
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

/** A dialog over the page: the focus stays in it, Escape closes it, and the focus goes back to where it was. */
export function Dialog({ title, children, onClose, wide = false, isAlert = false }: DialogProps) {
  return (
    <ModalOverlay
      className={styles.overlay ?? ''}
      isOpen
      isDismissable={!isAlert}
      onOpenChange={(isOpen) => !isOpen && onClose()}
    >
      <Modal className={wide ? `${styles.modal} ${styles.wide}` : (styles.modal ?? '')}>
        <AriaDialog role={isAlert ? 'alertdialog' : 'dialog'} className={styles.dialog ?? ''}>
          <Heading slot="title">{title}</Heading>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
