import { useState } from 'react';
import { DropArea } from '../../parts/drop-area.tsx';
import { FileButton } from '../../parts/file-button.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem-notice.tsx';
import { isOfSeenLog, readPublished } from '../../proofs/check-answer.ts';
import { readSeen } from '../../proofs/seen.ts';
import { TilesMissing } from '../../proofs/tree.ts';
import type { Judged } from '../../verify/judged.ts';
import { currentLanguage } from '../../words/current.ts';
import { number } from '../../words/format.ts';
import styles from './log.module.css';
import { logText } from './log-text.ts';
import { verifyHere } from './verify-here.ts';

interface Found {
  readonly name: string;
  /** Null: it is being verified. */
  readonly judged: Judged | null;
  /** Whether it is of the log that this browser saw; null: that could not be compared. */
  readonly isSeen: boolean | null;
}

/** Verifies a file that somebody drops or chooses, in this browser: nothing of it leaves. */
export function DropCard() {
  const [found, setFound] = useState<Found | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const judge = async (file: File | undefined) => {
    if (file === undefined) return;
    const { name } = file;
    setProblem(null);
    setFound({ name, judged: null, isSeen: null });
    try {
      const judged = await verifyHere({ file, name, key: await knownKey(), language: currentLanguage() });
      setFound({ name, judged, isSeen: await isOfSeenLog(judged.state) });
    } catch (error) {
      setFound(null);
      setProblem(error);
    }
  };
  return (
    <Card>
      <details>
        <summary>{logText('dropTitle')}</summary>
        <p>{logText('dropLead')}</p>
        <DropArea onFiles={([file]) => judge(file)}>
          <p>{logText('dropHere')}</p>
          <FileButton label={logText('dropChoose')} onChosen={([file]) => judge(file)} />
        </DropArea>
        <ProblemNotice error={problem} />
        <div role="status" className={styles.after}>
          {found !== null && <Verdict found={found} />}
        </div>
      </details>
    </Card>
  );
}

/** The key that this browser saw, else the published one; null where there is no connection. */
async function knownKey(): Promise<string | null> {
  const seen = readSeen();
  if (seen !== null) return seen.key;
  try {
    return (await readPublished()).key;
  } catch (error) {
    if (error instanceof TilesMissing) return null;
    throw error;
  }
}

const titles = { intact: 'dropIntact', tampered: 'dropTampered', unusable: 'dropUnusable' } as const;

function Verdict({ found: { name, judged, isSeen } }: { readonly found: Found }) {
  if (judged === null) return <p aria-busy="true">{logText('dropWorking', { name })}</p>;
  const { lines, state } = judged;
  const isOther = judged.verdict === 'intact' && isSeen === false;
  const verdict = isOther ? 'tampered' : judged.verdict;
  return (
    <Notice tone={verdict === 'intact' ? 'good' : 'bad'}>
      <p>
        <strong>{logText(titles[verdict], { name })}</strong>
      </p>
      <ul className={styles.said}>
        {isOther && <li>{logText('fault_FORK', { size: number(state?.size ?? 0) })}</li>}
        {!isOther && lines.map((line) => <li key={line}>{line}</li>)}
      </ul>
      {verdict === 'intact' && <p className="quiet">{logText(isSeen === null ? 'dropAlone' : 'dropKey')}</p>}
    </Notice>
  );
}
