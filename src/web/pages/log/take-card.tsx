import { useState } from 'react';
import { ask, askForFile } from '../../api/ask.ts';
import type { Answer } from '../../api/types.ts';
import { ActionButton } from '../../parts/button.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card } from '../../parts/page.tsx';
import { text } from '../../words/current.ts';
import { number } from '../../words/format.ts';
import styles from './log.module.css';
import type { LogFilter } from './log-filter.ts';
import { logText } from './log-text.ts';
import { TakeButton } from './take-button.tsx';

const formats = [
  ['jsonl', 'exportJson'],
  ['csv', 'exportCsv'],
] as const;

/** The log as a file, and the server's own check of all of it. */
export function TakeCard({ filter }: { readonly filter: LogFilter }) {
  const [found, setFound] = useState<Answer<'checkAudit'> | null>(null);
  return (
    <Card>
      <details>
        <summary>{logText('take')}</summary>
        <p className="quiet">{logText('filteredExport')}</p>
        <div className="row">
          {formats.map(([format, words]) => (
            <TakeButton
              key={format}
              name={`emanet-log.${format}`}
              take={(onBytes) => askForFile('exportAudit', { query: { ...filter, format } }, undefined, onBytes)}
            >
              {text(words)}
            </TakeButton>
          ))}
        </div>
        <h2>{text('checkLog')}</h2>
        <p className="quiet">{logText('checkLead')}</p>
        <ActionButton
          small
          onAct={async () => {
            setFound(null);
            setFound(await ask('checkAudit', {}));
          }}
        >
          {text('checkLog')}
        </ActionButton>
        <div role="status" className={styles.after}>
          {found !== null && <Found found={found} />}
        </div>
      </details>
    </Card>
  );
}

function Found({ found: { intact, entries, faults, checkpoint } }: { readonly found: Answer<'checkAudit'> }) {
  return (
    <Notice tone={intact ? 'good' : 'bad'}>
      <p>
        <strong>
          {intact ? text('logIntact', { n: number(entries) }) : text('logBroken', { n: number(faults.length) })}
        </strong>
      </p>
      {faults.length > 0 && (
        <ul>
          {faults.map(({ sentence }) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      <p>{text('logRoot', { origin: checkpoint.origin, root: checkpoint.root })}</p>
    </Notice>
  );
}
