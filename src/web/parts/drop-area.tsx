import { type ReactNode, useState } from 'react';
import styles from './drop-area.module.css';
import { ProblemNotice } from './problem-notice.tsx';

interface DropAreaProps {
  /** Said while something is over it; left out where the area says it all the time. */
  readonly hint?: string;
  readonly onFiles: (files: File[]) => Promise<unknown>;
  /** The field or the button that does the same without dragging. */
  readonly children: ReactNode;
}

/** Takes files that are dropped on it: one more way beside the field that is in it. */
export function DropArea({ hint, onFiles, children }: DropAreaProps) {
  const [isOver, setOver] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one more way; the field in it is the other
    <div
      className={isOver ? `${styles.drop} ${styles.over}` : styles.drop}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        setProblem(null);
        const files = [...event.dataTransfer.files];
        if (files.length > 0) onFiles(files).catch(setProblem);
      }}
    >
      {isOver && hint !== undefined && <p>{hint}</p>}
      <ProblemNotice error={problem} />
      {children}
    </div>
  );
}
