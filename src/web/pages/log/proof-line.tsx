import { useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { Notice } from '../../parts/notice.tsx';
import { useSure } from '../../parts/sure.tsx';
import type { Checked, ProofFault } from '../../proofs/check-answer.ts';
import { forgetSeen } from '../../proofs/seen.ts';
import { number } from '../../words/format.ts';
import { logText } from './log-text.ts';

const mostShown = 20;

/** One line that says what this browser verified of the answers shown; what does not stand up is loud. */
export function ProofLine({ checked }: { readonly checked: readonly Checked[] }) {
  const [first] = checked;
  if (first === undefined) return null;
  const faults = checked.flatMap((one) => one.faults);
  if (faults.length > 0) return <Broken faults={faults} />;
  const n = checked.reduce((sum, { entries }) => sum + entries, 0);
  const size = Math.max(...checked.map((one) => one.size));
  return (
    <div role="status">
      <Notice tone="good">
        <p>
          {n === 0
            ? logText('proofNothing', { size: number(size) })
            : logText('proofGood', { n: number(n), size: number(size) })}{' '}
          {first.seenSize === null ? logText('proofFirst') : logText('proofContinues', { n: number(first.seenSize) })}
        </p>
      </Notice>
    </div>
  );
}

/** Faults after which nothing of the log can be compared again before somebody decides. */
const isOfState = ({ fault }: ProofFault) => fault === 'FORK' || fault === 'SET_BACK' || fault === 'OTHER_KEY';

function Broken({ faults }: { readonly faults: readonly ProofFault[] }) {
  const sure = useSure();
  const refresh = useRefresh();
  const sentences = [...new Set(faults.map(({ fault, ...facts }) => logText(`fault_${fault}`, facts)))];
  const isUnknown = faults.every(({ fault }) => fault === 'NOT_CHECKED' || fault === 'NO_CRYPTO');
  return (
    <div role="alert">
      <Notice tone="bad">
        {!isUnknown && (
          <p>
            <strong>{logText('proofBad')}</strong>
          </p>
        )}
        <ul>
          {sentences.slice(0, mostShown).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        {sentences.length > mostShown && <p>{logText('moreFaults', { n: number(sentences.length - mostShown) })}</p>}
        {faults.some(isOfState) && (
          <ActionButton
            small
            tone="danger"
            onAct={async () => {
              const question = { title: logText('forgetAsk'), text: logText('forgetText'), yes: logText('forget') };
              if (!(await sure(question))) return;
              forgetSeen();
              await refresh();
            }}
          >
            {logText('forget')}
          </ActionButton>
        )}
      </Notice>
    </div>
  );
}
