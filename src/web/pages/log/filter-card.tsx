import { useState } from 'react';
import { auditActions } from '../../../domain/audit-event.ts';
import { Button } from '../../parts/button.tsx';
import { Field, Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { localInput } from '../../parts/local-input.ts';
import { Card } from '../../parts/page.tsx';
import { currentLanguage, label, text } from '../../words/current.ts';
import { entriesOf, type FilterName, filterName, type LogFilter, outcomes, readFilter } from './log-filter.ts';
import { logText } from './log-text.ts';
import { removeFilter, savedFilters, saveFilter } from './saved-filters.ts';

interface FilterCardProps {
  readonly filter: LogFilter;
  readonly onShow: (filter: LogFilter) => void;
}

const identifiers = ['person', 'actor', 'recording', 'lesson', 'object'] as const satisfies FilterName[];

/** The filter as a form, and the filters that were saved on this device. */
export function FilterCard({ filter, onShow }: FilterCardProps) {
  const actions = auditActions
    .map((action) => [action, label('auditAction', action)] as const)
    .sort((a, b) => a[1].localeCompare(b[1], currentLanguage()));
  const local = (at: string | undefined) => (at === undefined ? '' : localInput(new Date(at)));
  return (
    <Card>
      <details>
        <summary>{text('filter')}</summary>
        <Form
          key={JSON.stringify(filter)}
          className="fields"
          send={text('filter')}
          onSend={async (values) =>
            onShow(
              readFilter({
                from: values.instant('from'),
                until: values.instant('until'),
                ...Object.fromEntries(
                  ['action', 'outcome', 'text', ...identifiers].map((name) => [name, values.text(name)]),
                ),
              }),
            )
          }
        >
          <Field label={text('from')} name="from" type="datetime-local" defaultValue={local(filter.from)} />
          <Field label={text('until')} name="until" type="datetime-local" defaultValue={local(filter.until)} />
          <Select
            label={text('action')}
            name="action"
            defaultValue={filter.action ?? ''}
            options={[['', text('anyAction')], ...actions]}
          />
          <Select
            label={text('outcome')}
            name="outcome"
            defaultValue={filter.outcome ?? ''}
            options={[['', text('anyOutcome')], ...outcomes.map((one) => [one, label('outcome', one)] as const)]}
          />
          <Field
            label={text('logWords')}
            name="text"
            type="search"
            maxLength={200}
            autoComplete="off"
            defaultValue={filter.text ?? ''}
          />
          {identifiers.map((name) => (
            <Field
              key={name}
              label={filterName(name)}
              name={name}
              maxLength={64}
              autoComplete="off"
              defaultValue={filter[name] ?? ''}
            />
          ))}
        </Form>
        <SavedFilters filter={filter} onShow={onShow} />
      </details>
    </Card>
  );
}

function SavedFilters({ filter, onShow }: FilterCardProps) {
  const [saved, setSaved] = useState(savedFilters);
  return (
    <>
      <h2>{logText('savedFilters')}</h2>
      <p className="quiet">{logText('savedHint')}</p>
      {saved.length === 0 ? (
        <p className="quiet">{logText('savedNone')}</p>
      ) : (
        <ul className="plain">
          {saved.map((one) => (
            <li key={one.name} className="row">
              <Button small onPress={() => onShow(one.filter)}>
                {one.name}
              </Button>
              <Button
                small
                tone="quiet"
                aria-label={logText('removeSaved', { name: one.name })}
                onPress={() => setSaved(removeFilter(one.name))}
              >
                {text('remove')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {entriesOf(filter).length > 0 && (
        <Form
          clears
          send={text('save')}
          tone="plain"
          onSend={async (values) => setSaved(saveFilter({ name: values.text('name'), filter }))}
        >
          <Field label={logText('saveFilter')} name="name" required maxLength={80} autoComplete="off" />
        </Form>
      )}
    </>
  );
}
