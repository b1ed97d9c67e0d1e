import { useId, useState } from 'react';
import { buttonClass, type Tone } from './button-class.ts';
import { ProblemNotice } from './problem-notice.tsx';

interface FileButtonProps {
  readonly label: string;
  readonly onChosen: (files: File[]) => Promise<unknown>;
  readonly accept?: string;
  readonly multiple?: boolean;
  readonly tone?: Tone;
}

/** A button that lets somebody choose a file, and does at once what is done with it. */
export function FileButton({ label, onChosen, accept, multiple = false, tone = 'plain' }: FileButtonProps) {
  const id = useId();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  return (
    <>
      <label htmlFor={id} className={buttonClass({ tone, small: true })} data-busy={isBusy || undefined}>
        {label}
        <input
          id={id}
          type="file"
          className="unseen"
          accept={accept}
          multiple={multiple}
          disabled={isBusy}
          onChange={async ({ target }) => {
            const files = [...(target.files ?? [])];
            if (files.length === 0) return;
            setBusy(true);
            setProblem(null);
            try {
              await onChosen(files);
            } catch (error) {
              setProblem(error);
            } finally {
              setBusy(false);
              target.value = '';
            }
          }}
        />
      </label>
      <ProblemNotice error={problem} />
    </>
  );
}
