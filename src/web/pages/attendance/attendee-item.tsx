import { useState } from 'react';
import { attendeeDecisionKinds } from '../../../domain/attendance/decision.ts';
import { Badge } from '../../parts/badge.tsx';
import { ActionButton, Button } from '../../parts/button.tsx';
import { Choices, Field, Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { label, text } from '../../words/current.ts';
import { timeOfDay } from '../../words/format.ts';
import type { Attendance, AttendeeRow, Settled } from './attendance.ts';

interface AttendeeItemProps {
  readonly row: AttendeeRow;
  readonly attendance: Attendance;
  readonly mayChange: boolean;
  readonly onSettle: (settled: Settled) => Promise<void>;
  readonly onUndo: (rowIds: string[]) => Promise<void>;
}

/** One name of a report: when it was there, who it may be, and what a person says it is. */
export function AttendeeItem({ row, attendance, mayChange, onSettle, onUndo }: AttendeeItemProps) {
  const { id, name, originalName, email, decision, state, notes, candidates, isWaiting } = row;
  const [isOther, setOther] = useState(false);
  const times = [row.joinedAt, row.leftAt].map((at) => (at === null ? '?' : timeOfDay(at))).join('–');
  const isKnown = decision === null && state === 'identified';
  const first = candidates[0];
  return (
    <article>
      <div className="row spread">
        <strong>{name === '' ? '–' : name}</strong>
        <Badge tone={decision !== null || isKnown || isWaiting ? 'good' : 'waits'}>
          {isWaiting
            ? text('attendeeWaited')
            : decision === null
              ? label('attendeeState', state)
              : text('attendeeSettled')}
        </Badge>
      </div>
      <p className="quiet numbers">
        {[
          times,
          originalName === null ? null : text('attendeeOriginally', { name: originalName }),
          email,
          ...notes.map((note) => label('matchNote', note)),
        ]
          .filter((part) => part !== null)
          .join(' · ')}
      </p>
      {decision !== null && (
        <p>
          {decision.kind === 'persons'
            ? decision.persons.map((one) => one.name ?? '–').join(', ')
            : label('attendeeDecision', decision.kind)}
          {decision.why !== null && ` – ${decision.why}`}
        </p>
      )}
      {isKnown && first && <p>{first.name}</p>}
      {mayChange && !isWaiting && (
        <div className="row">
          {decision === null &&
            candidates.slice(0, 3).map((one) => (
              <ActionButton
                key={one.id}
                small
                tone={row.isTicked || candidates.length === 1 ? 'primary' : 'plain'}
                onAct={() => onSettle([{ rowId: id, kind: 'persons', personIds: [one.id] }])}
              >
                {one.isInCourse
                  ? text('attendeeIs', { name: one.name ?? '–' })
                  : text('attendeeIsOutside', { name: one.name ?? '–' })}
              </ActionButton>
            ))}
          {decision !== null && (
            <ActionButton small onAct={() => onUndo([id])} aria-label={text('attendeeUndoOf', { name })}>
              {text('attendeeUndo')}
            </ActionButton>
          )}
          <Button small aria-expanded={isOther} onPress={() => setOther(!isOther)}>
            {text('attendeeOther')}
          </Button>
        </div>
      )}
      {isOther && (
        <OtherForm
          row={row}
          people={[...attendance.people, ...candidates.filter(({ isInCourse }) => !isInCourse)]}
          onSettle={async (settled) => {
            await onSettle(settled);
            setOther(false);
          }}
        />
      )}
    </article>
  );
}

interface OtherFormProps {
  readonly row: AttendeeRow;
  readonly people: readonly { readonly id: string; readonly name: string | null }[];
  readonly onSettle: (settled: Settled) => Promise<void>;
}

/** Several people at one device, staff, a program, or somebody who was never let in. */
function OtherForm({ row, people, onSettle }: OtherFormProps) {
  const [kind, setKind] = useState<(typeof attendeeDecisionKinds)[number]>('persons');
  return (
    <Form
      send={text('save')}
      tone="plain"
      onSend={(values) => {
        const why = values.text('why');
        const personIds = kind === 'persons' ? values.all('persons') : [];
        return onSettle([{ rowId: row.id, kind, personIds, why: why === '' ? null : why }]);
      }}
    >
      <Select
        label={text('attendeeKind')}
        name="kind"
        value={kind}
        onChange={({ target }) => setKind(target.value as typeof kind)}
        options={attendeeDecisionKinds.map((one) => [one, label('attendeeDecision', one)] as const)}
      />
      {kind === 'persons' && (
        <Choices
          legend={text('attendeePersons')}
          hint={text('attendeePersonsHint')}
          name="persons"
          options={people.map(({ id, name }) => [id, name ?? '–'] as const)}
          chosen={row.decision?.persons.map(({ id }) => id) ?? []}
        />
      )}
      <Field
        label={text(kind === 'persons' ? 'attendeeWhy' : 'why')}
        name="why"
        required={kind !== 'persons'}
        maxLength={500}
      />
    </Form>
  );
}
