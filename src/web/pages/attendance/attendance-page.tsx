import { useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useCallback } from 'react';
import { uncoveredCodes } from '../../../domain/attendance/told.ts';
import { ask } from '../../api/ask.ts';
import { useAsk } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { buttonClass } from '../../parts/button-class.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { usePerson } from '../../shell/session.tsx';
import { count, text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';
import type { Attendance, AttendeeRow, Settled } from './attendance.ts';
import { AttendeeItem } from './attendee-item.tsx';
import { PresenceLine } from './presence-line.tsx';
import { ReportsCard } from './reports-card.tsx';

/** Who was in the meeting of a lesson, as a list of tasks: what is open first, what is sure folded away. */
export function AttendancePage() {
  const { lessonId } = useParams({ from: '/lessons/$lessonId/attendance' });
  const params = { lessonId };
  const lesson = useAsk('getLesson', { params });
  const attendance = useAsk('getAttendance', { params });
  const mayChange = usePerson().has('teacher', 'administrator');
  return (
    <Page
      title={text('attendanceTitle', { name: lesson.data?.title ?? '' })}
      lead={lesson.data && dateTime(lesson.data.plannedStart)}
      back={
        <Link to="/lessons/$lessonId" params={params}>
          ← {lesson.data?.title ?? text('lesson')}
        </Link>
      }
    >
      <Loaded query={attendance}>
        {(shown) => (
          <Settling lessonId={lessonId} courseId={lesson.data?.courseId} attendance={shown} mayChange={mayChange} />
        )}
      </Loaded>
    </Page>
  );
}

interface SettlingProps {
  readonly lessonId: string;
  /** Where permission is asked for; undefined: not known yet. */
  readonly courseId: string | undefined;
  readonly attendance: Attendance;
  readonly mayChange: boolean;
}

function Settling({ lessonId, courseId, attendance, mayChange }: SettlingProps) {
  const client = useQueryClient();
  const say = useSay();
  const { rows, reports, missing } = attendance;
  const show = useCallback(
    async (next: Attendance) => {
      client.setQueryData(['getAttendance', { params: { lessonId } }], next);
      await client.invalidateQueries({ queryKey: ['getGate'] });
    },
    [client, lessonId],
  );
  const undo = async (rowIds: string[]) => {
    await show(await ask('undoAttendees', { params: { lessonId }, body: { rowIds } }));
  };
  const settle = async (settled: Settled) => {
    await show(await ask('decideAttendees', { params: { lessonId }, body: { rows: settled } }));
    const rowIds = settled.map(({ rowId }) => rowId);
    say({ text: text('saved'), undo: () => undo(rowIds) });
  };
  const inLesson = rows.filter(({ isWaiting }) => !isWaiting);
  const open = inLesson.filter(({ decision, state }) => decision === null && state !== 'identified');
  const sure = open.filter(({ isTicked }) => isTicked);
  const unsure = open.filter(({ isTicked }) => !isTicked);
  const done = rows.filter((row) => !open.includes(row));
  const item = (row: AttendeeRow) => (
    <li key={row.id}>
      <AttendeeItem row={row} attendance={attendance} mayChange={mayChange} onSettle={settle} onUndo={undo} />
    </li>
  );
  return (
    <>
      <div aria-live="polite">
        {missing.length === 0 && reports.length > 0 && <Notice tone="good">{text('attendanceComplete')}</Notice>}
        {missing.length === 0 && reports.length === 0 && <Notice>{text('attendanceNone')}</Notice>}
        {missing.length > 0 && (
          <Notice tone="waits">
            <p>
              <strong>{text('attendanceMissing')}</strong>
            </p>
            <ul>
              {missing.map((reason) => (
                <li key={reason.text}>{reason.text}</li>
              ))}
            </ul>
            {missing.some(({ code }) => uncoveredCodes.some((one) => one === code)) && (
              <>
                <p>{text('attendanceWaysOut')}</p>
                {courseId !== undefined && mayChange && (
                  <Link to="/courses/$courseId" params={{ courseId }} className={buttonClass({ small: true })}>
                    {text('toPermissions')}
                  </Link>
                )}
              </>
            )}
          </Notice>
        )}
      </div>
      {unsure.length > 0 && (
        <Card title={text('attendeesOpen', { n: unsure.length })}>
          <ul className="plain">{unsure.map(item)}</ul>
        </Card>
      )}
      {sure.length > 0 && (
        <Card title={text('attendeesSure', { n: sure.length })}>
          <p className="quiet">{text('attendeesSureLead')}</p>
          {mayChange && (
            <ActionButton
              tone="primary"
              onAct={() =>
                settle(
                  sure.map(({ id, candidates }) => ({
                    rowId: id,
                    kind: 'persons',
                    personIds: candidates.slice(0, 1).map((one) => one.id),
                  })),
                )
              }
            >
              {count('attendeesConfirm', sure.length)}
            </ActionButton>
          )}
          <details>
            <summary>{text('attendeesLook')}</summary>
            <ul className="plain">{sure.map(item)}</ul>
          </details>
        </Card>
      )}
      {done.length > 0 && (
        <Card>
          <details>
            <summary>{text('attendeesDone', { n: done.length })}</summary>
            <ul className="plain">{done.map(item)}</ul>
          </details>
        </Card>
      )}
      {attendance.present.length > 0 && (
        <Card title={text('presenceTitle')}>
          <PresenceLine attendance={attendance} />
        </Card>
      )}
      <ReportsCard lessonId={lessonId} reports={reports} mayChange={mayChange} />
    </>
  );
}
