import { useState } from 'react';
import { columnMeanings } from '../../../domain/roster.ts';
import { askForFile } from '../../api/ask.ts';
import type { Answer } from '../../api/types.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { Button } from '../../parts/button.tsx';
import { Field, Select, Tick } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card } from '../../parts/page.tsx';
import { label, text } from '../../words/current.ts';

type Outcome = Answer<'importRoster'>;
type Review = Extract<Outcome, { outcome: 'review' }>['review'];
type Table = Extract<Outcome, { outcome: 'mapping' }>['table'];

/** What is sent with the file: JSON in its fields. */
interface More {
  readonly mapping?: string;
  readonly confirm?: string;
  readonly accepted?: string;
}

async function send(file: File, more: More): Promise<Outcome> {
  const body = new FormData();
  for (const [name, value] of Object.entries(more)) body.append(name, value as string);
  body.append('file', file);
  return JSON.parse(await (await askForFile('importRoster', { body })).text()) as Outcome;
}

/** Takes a roster in: first it is shown what would change, and what is not certain is asked. */
export function RosterCard() {
  const refresh = useRefresh();
  const [file, setFile] = useState<File | null>(null);
  const [more, setMore] = useState<More>({});
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const look = async (chosen: File, next: More) => {
    setOutcome(null);
    setFile(chosen);
    setMore(next);
    setOutcome(await send(chosen, next));
  };
  return (
    <Card title={text('importRoster')}>
      <p className="quiet">{text('importLead')}</p>
      <Form
        send={text('lookAtRoster')}
        onSend={async (values) => {
          const [chosen] = values.files('file');
          if (chosen !== undefined) await look(chosen, {});
        }}
      >
        <Field
          label={text('rosterFile')}
          hint={text('rosterHint')}
          name="file"
          type="file"
          accept=".zip,.csv,.txt,.tsv,.xls,.xlsx,.pdf"
          required
          onChange={() => setOutcome(null)}
        />
      </Form>
      <div aria-live="polite">
        {outcome?.outcome === 'mapping' && file !== null && (
          <Mapping table={outcome.table} onChosen={(mapping) => look(file, { mapping: JSON.stringify(mapping) })} />
        )}
        {outcome?.outcome === 'review' && file !== null && (
          <ReviewForm
            review={outcome.review}
            onGiveUp={() => setOutcome(null)}
            onTakeIn={async (accepted) => {
              const confirm = outcome.review.digest;
              setOutcome(await send(file, { ...more, confirm, accepted: JSON.stringify(accepted) }));
              await refresh();
            }}
          />
        )}
        {outcome?.outcome === 'imported' && (
          <Notice tone="good">{text('rosterImported', { n: outcome.review.added.length })}</Notice>
        )}
      </div>
    </Card>
  );
}

interface MappingProps {
  readonly table: Table;
  readonly onChosen: (mapping: Record<string, string | null>) => Promise<void>;
}

function Mapping({ table: { headings, suggested, sample, meanings }, onChosen }: MappingProps) {
  return (
    <Form
      send={text('columnsDone')}
      onSend={(values) =>
        onChosen(
          Object.fromEntries(
            headings.map((heading, at) => [
              heading,
              columnMeanings.find((meaning) => meaning === values.text(`column ${at}`)) ?? null,
            ]),
          ),
        )
      }
    >
      <h3>{text('columnsTitle')}</h3>
      <p className="quiet">{text('columnsLead')}</p>
      <div className="fields">
        {headings.map((heading, at) => (
          <Select
            key={heading}
            label={heading}
            name={`column ${at}`}
            defaultValue={suggested[heading] ?? ''}
            hint={sample
              .map((row) => row[at])
              .filter((cell) => cell !== undefined && cell !== '')
              .join(' · ')}
            options={[['', text('notRead')], ...meanings.map((one) => [one.meaning, one.text] as const)]}
          />
        ))}
      </div>
    </Form>
  );
}

interface ReviewProps {
  readonly review: Review;
  readonly onTakeIn: (accepted: string[]) => Promise<void>;
  readonly onGiveUp: () => void;
}

function ReviewForm({ review, onTakeIn, onGiveUp }: ReviewProps) {
  const isNothing = review.added.length + review.changes.length + review.ended.length + review.guardianships === 0;
  return (
    <Form
      send={text('takeIn')}
      more={<Button onPress={onGiveUp}>{text('cancel')}</Button>}
      onSend={() => onTakeIn([...new Set(review.questions.map(({ code }) => code))])}
    >
      <h3>{text('reviewTitle', { n: review.persons })}</h3>
      {isNothing && <p>{text('nothingChanges')}</p>}
      <Part title="reviewAdded" lines={review.added.map(({ name, classes }) => [name, ...classes].join(' · '))} />
      <Part
        title="reviewChanged"
        lines={review.changes.map(({ name, field, before, after }) =>
          [`${name}: ${label('personField', field)}`, before, after].filter((part) => part !== null).join(' → '),
        )}
      />
      <Part title="reviewEnded" lines={review.ended.map(({ name, className }) => `${name} · ${className}`)} />
      <Part title="reviewUndecided" lines={review.undecided.map(({ pupil, other }) => `${other} – ${pupil}`)} />
      <Part title="reviewUnlisted" lines={review.unlisted.map(({ pupil, guardian }) => `${guardian} – ${pupil}`)} />
      <Part
        title="reviewNotices"
        lines={review.notices.map((one) => `${one.from.file}, ${one.from.line}: ${one.text}`)}
      />
      {review.dropped.length > 0 && (
        <p className="quiet">{text('reviewDropped', { names: review.dropped.join(', ') })}</p>
      )}
      {review.questions.length > 0 && (
        <fieldset>
          <legend>{text('reviewQuestions')}</legend>
          {review.questions.map((one) => (
            <Tick key={one.text} label={one.text} required />
          ))}
        </fieldset>
      )}
    </Form>
  );
}

interface PartProps {
  readonly title:
    | 'reviewAdded'
    | 'reviewChanged'
    | 'reviewEnded'
    | 'reviewUndecided'
    | 'reviewUnlisted'
    | 'reviewNotices';
  readonly lines: readonly string[];
}

/** Short lists stand open. */
function Part({ title, lines }: PartProps) {
  if (lines.length === 0) return null;
  return (
    <details open={lines.length <= 10}>
      <summary>{text(title, { n: lines.length })}</summary>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </details>
  );
}
