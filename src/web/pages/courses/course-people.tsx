import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { CourseState } from '../../../domain/course-state.ts';
import { ask, pathOf } from '../../api/ask.ts';
import type { Answer } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { Badge, type BadgeTone } from '../../parts/badge.tsx';
import { ActionButton, Button } from '../../parts/button.tsx';
import { buttonClass } from '../../parts/button-class.ts';
import { Select } from '../../parts/fields.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Empty } from '../../parts/page.tsx';
import { useSure } from '../../parts/sure.tsx';
import { count, label, text } from '../../words/current.ts';
import { CourseAdd } from './course-add.tsx';
import { CourseSheets } from './course-sheets.tsx';
import type { Course } from './course-words.ts';

const tones: Partial<Record<CourseState, BadgeTone>> = {
  given: 'good',
  pupil_refused: 'bad',
  withdrawn: 'bad',
  conflict: 'bad',
  refused: 'bad',
  invalid: 'bad',
  undeliverable: 'bad',
};
const toneOf = (state: CourseState): BadgeTone => tones[state] ?? 'waits';

type View = Answer<'viewCourse'>;
type Row = View['rows'][number];

interface CourseProps {
  readonly course: Course;
  readonly isKeeper: boolean;
}

/** Who is missing, why, and what can be done next. The filter is in the address. */
export function CoursePeople({ course, isKeeper }: CourseProps) {
  const { classId, state } = useSearch({ from: '/courses/$courseId' });
  const navigate = useNavigate({ from: '/courses/$courseId' });
  const query = { ...(classId ? { classId } : {}), ...(state ? { state } : {}) };
  const view = useAsk('viewCourse', { params: { courseId: course.id }, query }, { everyMs: 30_000 });
  const refresh = useRefresh();
  const [asked, setAsked] = useState<Answer<'askCourse'> | null>(null);
  const [reminded, setReminded] = useState<number | null>(null);
  const params = { courseId: course.id };
  const filter = (next: { classId?: string | undefined; state?: CourseState | undefined }) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <Card title={text('whoIsMissing')}>
      <Loaded query={view}>
        {({ counts, rows }) => {
          const states = (Object.entries(counts) as [CourseState, number][]).filter(
            ([one, n]) => n > 0 || one === state,
          );
          return (
            <>
              <p className="row">
                {states.length === 0
                  ? text('nobodyTakesPart')
                  : states.map(([one, n]) => (
                      <Badge key={one} tone={toneOf(one)}>
                        {label('courseState', one)}: {n}
                      </Badge>
                    ))}
              </p>
              <div className="row no-print">
                {isKeeper && (
                  <>
                    <ActionButton
                      tone="primary"
                      onAct={async () => {
                        setReminded(null);
                        setAsked(await ask('askCourse', { params }));
                        await refresh();
                      }}
                    >
                      {text('askEverybody')}
                    </ActionButton>
                    <ActionButton
                      onAct={async () => {
                        setAsked(null);
                        setReminded((await ask('remindCourse', { params, body: {} })).mailed);
                        await refresh();
                      }}
                    >
                      {text('remindEverybody')}
                    </ActionButton>
                    <a
                      className={buttonClass({ small: true })}
                      href={pathOf('exportCourse', { params, query })}
                      download
                    >
                      {text('downloadCsv')}
                    </a>
                  </>
                )}
                <Button small onPress={() => print()}>
                  {text('print')}
                </Button>
              </div>
              <div role="status" className="no-print">
                {asked !== null && <AskedNotice asked={asked} />}
                {reminded !== null && <Notice>{text('reminded', { n: reminded })}</Notice>}
              </div>
              <div className="fields no-print">
                <Select
                  label={text('class')}
                  value={classId ?? ''}
                  onChange={({ target }) => filter({ classId: target.value || undefined })}
                  options={[['', text('everyClass')], ...course.classes.map(({ id, name }) => [id, name] as const)]}
                />
                <Select
                  label={text('permission')}
                  value={state ?? ''}
                  onChange={({ target }) => filter({ state: (target.value || undefined) as CourseState | undefined })}
                  options={[
                    ['', text('everyState')],
                    ...states.map(([one, n]) => [one, `${label('courseState', one)} (${n})`] as const),
                  ]}
                />
              </div>
              {isKeeper && (
                <>
                  <CourseSheets course={course} />
                  <CourseAdd course={course} />
                </>
              )}
              {rows.length === 0 ? (
                <Empty>{text('nobodyTakesPart')}</Empty>
              ) : (
                <ul className="plain">
                  {rows.map((row) => (
                    <PersonRow
                      key={row.id}
                      row={row}
                      courseId={course.id}
                      isKeeper={isKeeper}
                      onReminded={setReminded}
                    />
                  ))}
                </ul>
              )}
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}

function AskedNotice({ asked: { requests, mailed, unreachable } }: { readonly asked: Answer<'askCourse'> }) {
  return (
    <Notice tone={unreachable.length > 0 ? 'waits' : 'good'}>
      <p>{text('asked', { requests, mailed })}</p>
      {unreachable.length > 0 && (
        <>
          <p>{text('unreachable')}</p>
          <ul>
            {unreachable.map(({ signer, subject }) => (
              <li key={`${signer} ${subject}`}>
                {signer} – {subject}
              </li>
            ))}
          </ul>
        </>
      )}
    </Notice>
  );
}

interface RowProps {
  readonly row: Row;
  readonly courseId: string;
  readonly isKeeper: boolean;
  readonly onReminded: (mailed: number) => void;
}

function PersonRow({ row, courseId, isKeeper, onReminded }: RowProps) {
  const refresh = useRefresh();
  const sure = useSure();
  const isPerson = row.kind === 'participant';
  const remindOne = row.next === 'remind' && isPerson && isKeeper;
  return (
    <li>
      <div className="row spread">
        <span>
          <strong>{row.name}</strong> {row.className !== null && <span className="quiet">{row.className}</span>}
        </span>
        <Badge tone={toneOf(row.state)}>{row.stateText}</Badge>
      </div>
      <div className="no-print">
        {row.signers.length > 0 && (
          <p className="quiet">
            {text('whoSigns')}: {row.signers.map(signerText).join(' · ')}
          </p>
        )}
        {row.reasons.length > 0 && (
          <details>
            <summary className="quiet">{text('why')}</summary>
            <ul>
              {row.reasons.map((reason) => (
                <li key={reason.text}>{reason.text}</li>
              ))}
            </ul>
          </details>
        )}
        <div className="row spread">
          <span className="row">
            {row.nextText !== null && (
              <>
                {text('nextStep')}:{' '}
                {remindOne ? (
                  <ActionButton
                    small
                    label={text('remindAbout', { name: row.name })}
                    onAct={async () => {
                      const body = { participantId: row.id };
                      onReminded((await ask('remindCourse', { params: { courseId }, body })).mailed);
                      await refresh();
                    }}
                  >
                    {text('remind')}
                  </ActionButton>
                ) : (
                  row.nextText
                )}
              </>
            )}
          </span>
          {isKeeper && isPerson && (
            <ActionButton
              small
              tone="quiet"
              label={text('leaveTitle', { name: row.name })}
              onAct={async () => {
                const title = text('leaveTitle', { name: row.name });
                if (!(await sure({ title, text: text('leaveText'), yes: text('leave') }))) return;
                await ask('removeParticipant', { params: { courseId, participantId: row.id } });
                await refresh();
              }}
            >
              {text('leave')}
            </ActionButton>
          )}
        </div>
      </div>
    </li>
  );
}

function signerText({ name, hasAddress, delivery, reminders }: Row['signers'][number]): string {
  return [
    name,
    hasAddress ? null : text('noAddress'),
    delivery === null ? null : text(`delivery_${delivery}`),
    reminders > 0 ? count('remindersCount', reminders) : null,
  ]
    .filter((part) => part !== null)
    .join(', ');
}
