import { type DragEvent, useRef, useState } from 'react';
import { Problem } from '../../api/problem.ts';
import { sendForm } from '../../api/send-form.ts';
import type { Answer } from '../../api/types.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { Field } from '../../parts/fields.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem-notice.tsx';
import { text } from '../../words/current.ts';
import { dayIn } from '../retention/days.ts';

/** A file that is handed in. `share`: how much has gone out; null while the server reads it. */
interface Scan {
  readonly key: number;
  readonly file: File;
  readonly receivedOn: string;
  readonly share: number | null;
  readonly state: 'waits' | 'sends' | 'done' | 'failed';
  readonly taken: Answer<'takeScan'> | null;
  readonly problem: Problem | null;
}

/** Takes files in, one after the other; what is wrong with one of them stops none of the others. */
export function HandInCard() {
  const refresh = useRefresh();
  const [scans, setScans] = useState<readonly Scan[]>([]);
  const queue = useRef<Scan[]>([]);
  const isBusy = useRef(false);
  const last = useRef(0);
  const [receivedOn, setReceivedOn] = useState(dayIn(0));
  const change = (key: number, next: Partial<Scan>) =>
    setScans((all) => all.map((one) => (one.key === key ? { ...one, ...next } : one)));
  const work = async () => {
    if (isBusy.current) return;
    isBusy.current = true;
    for (let next = queue.current.shift(); next; next = queue.current.shift()) {
      const { key, file } = next;
      change(key, { state: 'sends' });
      try {
        const taken = await sendScan(file, next.receivedOn, (share) => change(key, { share }));
        change(key, { state: 'done', taken });
        await refresh();
      } catch (error) {
        const problem = error instanceof Problem ? error : new Problem({ title: text('pageFault') });
        change(key, { state: 'failed', problem });
      }
    }
    isBusy.current = false;
  };
  const add = (files: readonly File[]) => {
    const added = files.map((file): Scan => {
      last.current += 1;
      return { key: last.current, file, receivedOn, share: 0, state: 'waits', taken: null, problem: null };
    });
    queue.current.push(...added);
    setScans((all) => [...all, ...added]);
    void work();
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    add([...event.dataTransfer.files]);
  };
  return (
    <Card title={text('paperHandIn')}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one more way; the field in it is the other */}
      <div className="fields" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
        <Field
          label={text('paperFiles')}
          hint={text('paperFilesHint')}
          type="file"
          multiple
          accept=".pdf,.jpg,.jpeg,.png"
          onChange={({ target }) => {
            add([...(target.files ?? [])]);
            target.value = '';
          }}
        />
        <Field
          label={text('paperReceived')}
          hint={text('paperReceivedHint')}
          type="date"
          value={receivedOn}
          max={dayIn(0)}
          required
          onChange={({ target }) => setReceivedOn(target.value)}
        />
      </div>
      <ul className="plain">
        {scans.map((scan) => (
          <li key={scan.key}>
            <strong>{scan.file.name}</strong>
            <ScanProgress scan={scan} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function ScanProgress({ scan: { file, state, share, taken, problem } }: { readonly scan: Scan }) {
  if (state === 'failed') return <ProblemNotice error={problem} />;
  if (state === 'waits') return <p className="quiet">{text('paperWaits')}</p>;
  if (taken !== null)
    return (
      <div role="status">
        <Notice tone={taken.unassigned > 0 ? 'waits' : 'good'}>{text('paperTaken', taken)}</Notice>
      </div>
    );
  return (
    <>
      <progress aria-label={file.name} max={1} value={share ?? undefined} />
      <p className="quiet">{share === null ? text('paperLooking') : text('paperSending')}</p>
    </>
  );
}

async function sendScan(
  file: File,
  receivedOn: string,
  onShare: (share: number | null) => void,
): Promise<Answer<'takeScan'>> {
  const form = new FormData();
  form.append('receivedOn', receivedOn);
  form.append('file', file);
  return JSON.parse(await sendForm('takeScan', {}, form, { onShare })) as Answer<'takeScan'>;
}
