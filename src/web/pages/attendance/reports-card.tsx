import { useState } from 'react';
import { attendanceMeanings } from '../../../domain/attendance/told.ts';
import { ask } from '../../api/ask.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { DropArea } from '../../parts/drop-area.tsx';
import { Field, Select, TextArea } from '../../parts/fields.tsx';
import { FileButton } from '../../parts/file-button.tsx';
import { Form } from '../../parts/form.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { useSure } from '../../parts/sure.tsx';
import { count, label, text } from '../../words/current.ts';
import { dateTime, day } from '../../words/format.ts';
import type { Attendance } from './attendance.ts';
import { type ReportAnswers, sendReport, type TakenReport } from './send-report.ts';

interface ReportsCardProps {
  readonly lessonId: string;
  readonly reports: Attendance['reports'];
  readonly mayChange: boolean;
}

/** The reports of a lesson; takes more, as files or pasted, and asks what one leaves open. */
export function ReportsCard({ lessonId, reports, mayChange }: ReportsCardProps) {
  const refresh = useRefresh();
  const say = useSay();
  const sure = useSure();
  const [asking, setAsking] = useState<{
    readonly file: File;
    readonly answers: ReportAnswers;
    readonly taken: TakenReport;
  } | null>(null);
  const [closed, setClosed] = useState(0);
  const send = async (file: File, answers: ReportAnswers) => {
    const taken = await sendReport(lessonId, file, answers);
    setAsking(taken.outcome === 'report' ? null : { file, answers, taken });
    if (taken.outcome !== 'report') return;
    setClosed((before) => before + taken.quarantined.length);
    say(count('attendanceTaken', taken.rows));
    await refresh();
  };
  const sendAll = async (files: File[]) => {
    for (const file of files) await send(file, {});
  };
  return (
    <Card title={text('attendanceReports')}>
      {reports.length === 0 ? (
        <p className="quiet">{text('attendanceNoReports')}</p>
      ) : (
        <ul className="plain">
          {reports.map((report) => (
            <li key={report.id}>
              <div className="row spread">
                <span>
                  <strong>{report.fileName}</strong>{' '}
                  <span className="quiet">
                    {label('attendanceTool', report.tool)} · {count('attendanceRows', report.rows)} ·{' '}
                    {dateTime(report.takenAt)}
                  </span>
                </span>
                {mayChange && (
                  <ActionButton
                    small
                    aria-label={text('attendanceRemoveOf', { file: report.fileName })}
                    onAct={async () => {
                      const question = { title: text('attendanceRemoveAsk'), text: text('attendanceRemoveText') };
                      if (!(await sure({ ...question, yes: text('attendanceRemove') }))) return;
                      const params = { lessonId, reportId: report.id };
                      await ask('removeAttendanceReport', { params, body: { why: text('attendanceRemoveWhy') } });
                      await refresh();
                    }}
                  >
                    {text('attendanceRemove')}
                  </ActionButton>
                )}
              </div>
              {report.notices.map((notice) => (
                <p key={notice} className="quiet">
                  {label('attendanceNotice', notice)}
                </p>
              ))}
            </li>
          ))}
        </ul>
      )}
      {closed > 0 && <Notice tone="bad">{text('attendanceClosed', { n: closed })}</Notice>}
      {mayChange && (
        <>
          <DropArea hint={text('uploadDropHere')} onFiles={sendAll}>
            <p className="quiet">{text('attendanceHint')}</p>
            <FileButton
              label={text('attendanceAdd')}
              multiple
              tone={reports.length === 0 ? 'primary' : 'plain'}
              onChosen={sendAll}
            />
          </DropArea>
          {asking !== null && (
            <OpenQuestions
              key={JSON.stringify(asking.answers)}
              taken={asking.taken}
              fileName={asking.file.name}
              onAnswer={(more) => send(asking.file, { ...asking.answers, ...more })}
            />
          )}
          <details>
            <summary>{text('attendancePaste')}</summary>
            <Form
              send={text('attendanceTake')}
              tone="plain"
              clears
              onSend={(values) => send(new File([values.exact('pasted')], text('attendancePasted')), {})}
            >
              <TextArea label={text('attendancePasteLabel')} name="pasted" rows={6} required />
            </Form>
          </details>
        </>
      )}
    </Card>
  );
}

interface OpenQuestionsProps {
  readonly taken: TakenReport;
  readonly fileName: string;
  readonly onAnswer: (answers: ReportAnswers) => Promise<void>;
}

/** What a report leaves open: nothing was kept until it is answered. */
function OpenQuestions({ taken: { questions, table }, fileName, onAnswer }: OpenQuestionsProps) {
  return (
    <Notice tone="waits">
      <p>
        <strong>{text('attendanceAsks', { file: fileName })}</strong>
      </p>
      <Form
        send={text('attendanceTake')}
        onSend={(values) => {
          const answers: Record<string, string> = {};
          for (const name of ['dayOrder', 'date', 'timeZone'])
            if (values.text(name) !== '') answers[name] = values.text(name);
          if (table !== null)
            answers.mapping = JSON.stringify(
              Object.fromEntries(table.headings.map((heading, at) => [heading, values.text(`column${at}`) || null])),
            );
          return onAnswer(answers);
        }}
      >
        {questions.map(({ code, text: question, dayFirst, monthFirst }) =>
          code === 'DAY_ORDER' ? (
            <Select
              key={code}
              label={question}
              name="dayOrder"
              required
              options={[
                ['day_first', dayFirst === undefined ? '–' : day(dayFirst)],
                ['month_first', monthFirst === undefined ? '–' : day(monthFirst)],
              ]}
            />
          ) : code === 'DATE' ? (
            <Field key={code} label={question} name="date" type="date" required />
          ) : (
            <Select
              key={code}
              label={question}
              name="timeZone"
              required
              options={Intl.supportedValuesOf('timeZone').map((zone) => [zone, zone] as const)}
              defaultValue={Intl.DateTimeFormat().resolvedOptions().timeZone}
            />
          ),
        )}
        {table?.headings.map((heading, at) => (
          <Select
            key={heading}
            label={text('attendanceColumn', { heading })}
            hint={table.sample
              .map((cells) => cells[at] ?? '')
              .filter((cell) => cell !== '')
              .slice(0, 3)
              .join(' · ')}
            name={`column${at}`}
            defaultValue={table.suggested[heading] ?? ''}
            options={[
              ['', text('attendanceColumnNone')],
              ...attendanceMeanings.map((meaning) => [meaning, label('attendanceMeaning', meaning)] as const),
            ]}
          />
        ))}
      </Form>
    </Notice>
  );
}
