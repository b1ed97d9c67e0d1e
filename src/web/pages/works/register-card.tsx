import { type DragEvent, useRef, useState } from 'react';
import { byName, isHidden, isWorkList, titleOf, WorkLists } from '../../../domain/work-files.ts';
import { ask } from '../../api/ask.ts';
import { Problem, type ProblemReason } from '../../api/problem.ts';
import { sendForm } from '../../api/send-form.ts';
import type { Answer } from '../../api/types.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { Field, Select } from '../../parts/fields.tsx';
import { Form, type Values } from '../../parts/form.tsx';
import { Card } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { count, text } from '../../words/current.ts';
import { terms } from './terms.ts';

const accepts = [
  'audio/*,video/*,image/jpeg,image/png,image/webp,image/gif,image/bmp,image/tiff,application/pdf,application/zip',
  '.mkv,.ogg,.opus,.pdf,.zip,.csv',
].join();
const isArchive = ({ name }: File) => /\.zip$/i.test(name);
/** From the folder that was chosen, when one was. */
const pathOf = (file: File) => file.webkitRelativePath || file.name;

const facts = ['rightsHolder', 'licence', 'terms', 'isrc', 'iswc', 'eidr', 'isbn', 'validFrom', 'validUntil'] as const;
type Facts = Partial<Record<(typeof facts)[number] | 'title', string>>;
const factsOf = (values: Values): Facts =>
  Object.fromEntries(facts.flatMap((name) => (values.text(name) === '' ? [] : [[name, values.text(name)]])));

/** What became of one file that was chosen. */
interface Line {
  readonly key: number;
  readonly name: string;
  readonly says: string;
  /** Null: nothing is on its way. */
  readonly share: number | null;
  readonly reasons: readonly string[];
}
interface Counts {
  readonly registered: number;
  readonly known: number;
  readonly failed: number;
}
type Outcome = keyof Counts;

/**
 * One file, several, a folder, or archives: each file becomes a work, named as works.csv says, or as its file when there
 * are several. What fails is named with its reason; the rest is registered.
 */
export function RegisterCard() {
  const refresh = useRefresh();
  const say = useSay();
  const [chosen, setChosen] = useState<readonly File[]>([]);
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [counts, setCounts] = useState<Counts | null>(null);
  const last = useRef(0);
  const files = chosen.filter((file) => !isWorkList(pathOf(file)));
  const isOne = files.length <= 1 && !files.some(isArchive);

  const add = (name: string, says: string): ((change: Partial<Line>) => void) => {
    last.current += 1;
    const key = last.current;
    setLines((all) => [...all, { key, name, says, share: 0, reasons: [] }]);
    return (change) => setLines((all) => all.map((one) => (one.key === key ? { ...one, ...change } : one)));
  };
  const choose = (more: readonly File[]) => {
    setCounts(null);
    setLines([]);
    setChosen([...more].filter((file) => !isHidden(pathOf(file))).sort((a, b) => byName(pathOf(a), pathOf(b))));
  };

  const register = async (values: Values) => {
    setLines([]);
    const said = factsOf(values);
    const lists = new WorkLists();
    for (const list of chosen.filter((file) => isWorkList(pathOf(file))))
      lists.add(pathOf(list), (await ask('readWorkList', { body: { text: await list.text() } })).items);
    const all: Outcome[] = [];
    for (const file of files) {
      if (isArchive(file)) {
        all.push(...(await importArchive(said, file, add(file.name, text('workSending')))));
        continue;
      }
      const title = (isOne && values.text('title')) || titleOf(pathOf(file));
      const of: Facts = { title, ...said, ...lists.factsOf(pathOf(file)) };
      const change = add(of.title ?? title, text('workSending'));
      all.push(await registerOne(of, file, change));
    }
    for (const path of lists.missing()) {
      add(path, text('workListedMissing'))({ share: null });
      all.push('failed');
    }
    const told = countOf(all);
    setCounts(told);
    say(count('registeredWorks', told.registered));
    if (told.registered + told.known > 0) await refresh();
    if (told.failed === 0) setChosen([]);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    // A folder that is dropped is no file: the browser leaves it out.
    choose([...event.dataTransfer.files]);
  };
  const holderIsListed = chosen.some((file) => isArchive(file) || isWorkList(pathOf(file)));
  return (
    <Card>
      <details>
        <summary>{text('registerWorks')}</summary>
        {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one more way; the field in it is the other */}
        <div onDragOver={(event) => event.preventDefault()} onDrop={drop}>
          <Form className="fields" send={text('registerWork')} onSend={register}>
            <Field
              label={text('workFiles')}
              hint={chosen.length > 0 ? chosen.map(({ name }) => name).join(', ') : text('workFilesHint')}
              type="file"
              accept={accepts}
              multiple
              required={chosen.length === 0}
              onChange={({ target }) => choose([...(target.files ?? [])])}
            />
            <Field
              label={text('workFolder')}
              hint={text('workListHint')}
              type="file"
              {...({ webkitdirectory: '' } as object)}
              onChange={({ target }) => choose([...(target.files ?? [])])}
            />
            {isOne && <Field label={text('workTitle')} hint={text('workTitleHint')} name="title" maxLength={300} />}
            <Field label={text('workHolder')} name="rightsHolder" required={!holderIsListed} maxLength={300} />
            <Field label={text('licence')} hint={text('licenceHint')} name="licence" maxLength={200} />
            <Select label={text('terms')} name="terms" options={[['', text('termsUnknown')], ...terms]} />
            <details className="whole">
              <summary>{text('identifiers')}</summary>
              <div className="fields">
                <Field label="ISRC" name="isrc" maxLength={20} placeholder="TR-A01-21-00001" />
                <Field label="ISWC" name="iswc" maxLength={20} placeholder="T-034.524.680-1" />
                <Field label="EIDR" name="eidr" maxLength={40} placeholder="10.5240/7791-8534-2C23-9030-8610-5" />
                <Field label="ISBN" name="isbn" maxLength={20} placeholder="978-605-…" />
                <Field label={text('validFromLabel')} name="validFrom" type="date" />
                <Field label={text('validUntilLabel')} name="validUntil" type="date" />
              </div>
            </details>
          </Form>
        </div>
        <ul className="plain" aria-live="polite">
          {counts !== null && lines.length > 0 && counts.registered + counts.known + counts.failed > 1 && (
            <li>
              <strong>{text('importCounts', { ...counts })}</strong>
            </li>
          )}
          {lines.map(({ key, name, says, share, reasons }) => (
            <li key={key}>
              <strong>{name}</strong> <span className="quiet">{says}</span>
              {share !== null && <progress aria-label={name} max={1} value={share} />}
              {reasons.length > 0 && (
                <ul>
                  {reasons.map((reason) => (
                    <li key={reason}>{reason}</li>
                  ))}
                </ul>
              )}
            </li>
          ))}
        </ul>
      </details>
    </Card>
  );
}

const countOf = (all: readonly Outcome[]): Counts => ({
  registered: all.filter((one) => one === 'registered').length,
  known: all.filter((one) => one === 'known').length,
  failed: all.filter((one) => one === 'failed').length,
});

function formOf(said: Facts, file: File): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(said)) form.set(name, value);
  form.set('file', file);
  return form;
}

const wordsOf = (reasons: readonly ProblemReason[]) => reasons.map((reason) => reason.text);

type Change = (change: Partial<Line>) => void;

async function registerOne(said: Facts, file: File, change: Change): Promise<Outcome> {
  if (!said.rightsHolder) {
    change({ share: null, says: text('workHolderMissing') });
    return 'failed';
  }
  try {
    const answer = await sendForm('registerWork', {}, formOf(said, file), {
      onShare: (share) => change(share === null ? { share: 1, says: text('workLookedAt') } : { share }),
    });
    const { known } = JSON.parse(answer) as Answer<'registerWork'>;
    change({ share: null, says: known ? text('workKnown') : text('workRegistered') });
    return known ? 'known' : 'registered';
  } catch (error) {
    fail(error, change);
    return 'failed';
  }
}

/** What the server tells of an archive, line by line (contract: `ImportLine`). */
type ImportLine =
  | { readonly kind: 'begun'; readonly files: number }
  | { readonly kind: 'registered' | 'known'; readonly file: string }
  | { readonly kind: 'failed'; readonly file: string; readonly reasons: readonly ProblemReason[] }
  | { readonly kind: 'ended' };

/** Sends an archive, then shows what became of its files as the server tells it. */
async function importArchive(said: Facts, file: File, change: Change): Promise<Outcome[]> {
  const all: Outcome[] = [];
  const failures: string[] = [];
  let [total, hasEnded] = [0, false];
  const take = (told: ImportLine) => {
    if (told.kind === 'begun') total = told.files;
    else if (told.kind === 'ended') hasEnded = true;
    else {
      all.push(told.kind);
      if (told.kind === 'failed') failures.push(`${told.file}: ${wordsOf(told.reasons).join(' ')}`);
      change({
        share: Math.min(1, all.length / Math.max(1, total)),
        says: text('importAt', { n: all.length, files: total, file: told.file }),
        reasons: [...failures],
      });
    }
  };
  try {
    await sendForm('importWorks', {}, formOf(said, file), {
      onShare: (share) => change(share === null ? { share: 0, says: text('workLookedAt') } : { share }),
      onLine: (line) => take(JSON.parse(line) as ImportLine),
    });
    if (!hasEnded) throw new Problem({ title: text('importBroken') });
    change({ share: null, says: text('importCounts', { ...countOf(all) }) });
  } catch (error) {
    fail(error, change, failures);
    all.push('failed');
  }
  return all;
}

function fail(error: unknown, change: Change, before: readonly string[] = []): void {
  const problem = error instanceof Problem ? error : new Problem({ title: text('pageFault') });
  change({ share: null, says: problem.title, reasons: [...before, ...wordsOf(problem.reasons)] });
}
