import { Link, useParams } from '@tanstack/react-router';
import type { Answer } from '../../api/types.ts';
import { useAsk } from '../../api/use-ask.ts';
import { buttonClass } from '../../parts/button-class.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Facts, Page } from '../../parts/page.tsx';
import { usePerson } from '../../shell/session.tsx';
import { label, text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';
import { RecordingList } from '../recordings/recording-list.tsx';
import { HoldForm } from '../retention/hold-form.tsx';
import { UnfinishedUploads } from '../uploads/unfinished-uploads.tsx';
import { UploadCard } from '../uploads/upload-card.tsx';
import { AnnounceForm } from './announce-form.tsx';
import type { Lesson } from './lesson.ts';
import { LessonAnswers } from './lesson-answers.tsx';
import { LessonChange } from './lesson-change.tsx';
import { LessonObjection } from './lesson-objection.tsx';
import { LessonSeats } from './lesson-seats.tsx';

/** One lesson: what is missing and what can be done about it, the upload, and its recordings. */
export function LessonPage() {
  const { lessonId } = useParams({ from: '/lessons/$lessonId' });
  const person = usePerson();
  const params = { lessonId };
  const lesson = useAsk('getLesson', { params });
  const gate = useAsk('getGate', { params }, { everyMs: 8_000 });
  const recordings = useAsk('listRecordings', { query: { lessonId } }, { everyMs: 4_000 });
  const isKeeper = person.has('teacher', 'administrator');
  return (
    <Page
      title={lesson.data?.title ?? text('lesson')}
      lead={lesson.data && dateTime(lesson.data.plannedStart)}
      back={<Link to="/lessons">← {text('lessons')}</Link>}
      actions={
        isKeeper &&
        lesson.data?.isAlone === false && (
          <Link to="/lessons/new" search={{ from: lessonId }} className={buttonClass({ small: true })}>
            {text('copyLesson')}
          </Link>
        )
      }
    >
      <Loaded query={lesson}>
        {(shown) => (
          <>
            <Card title={text('gateTitle')}>
              <Loaded query={gate}>{(now) => <Gate gate={now} lesson={shown} isKeeper={isKeeper} />}</Loaded>
            </Card>
            {isKeeper && (
              <>
                <UnfinishedUploads lessonId={lessonId} />
                <UploadCard lessonId={lessonId} isOpen={gate.data?.holds ?? null} />
              </>
            )}
            <Card
              title={text('attendance')}
              actions={
                <Link to="/lessons/$lessonId/attendance" params={params} className={buttonClass({ small: true })}>
                  {text('attendanceSettle')}
                </Link>
              }
            >
              <LessonAttendance lessonId={lessonId} />
            </Card>
            <Card title={text('recordings')}>
              <Loaded query={recordings}>
                {({ items }) => <RecordingList items={items} none={text('noRecordingsLesson')} />}
              </Loaded>
            </Card>
            <Card title={text('lessonFacts')}>
              <LessonFacts lesson={shown} />
              {isKeeper && <LessonChange lesson={shown} />}
            </Card>
            {isKeeper && (
              <>
                <AnnounceForm lesson={shown} />
                <LessonSeats lesson={shown} />
              </>
            )}
            <LessonAnswers lesson={shown} isKeeper={isKeeper} />
            {isKeeper && <LessonObjection lesson={shown} />}
            {person.has('administrator') && (
              <Card>
                <details>
                  <summary>{text('holdSetLesson')}</summary>
                  <HoldForm lessonId={lessonId} />
                </details>
              </Card>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** What attendance still keeps from being shown; its page settles it. */
function LessonAttendance({ lessonId }: { readonly lessonId: string }) {
  const attendance = useAsk('getAttendance', { params: { lessonId } });
  return (
    <Loaded query={attendance}>
      {({ missing, reports }) =>
        missing.length > 0 ? (
          <ul>
            {missing.map((reason) => (
              <li key={reason.text}>{reason.text}</li>
            ))}
          </ul>
        ) : (
          <p>{reports.length === 0 ? text('attendanceNone') : text('attendanceComplete')}</p>
        )
      }
    </Loaded>
  );
}

interface GateProps {
  readonly gate: Answer<'getGate'>;
  readonly lesson: Lesson;
  readonly isKeeper: boolean;
}

/** Whether a recording would be accepted now; a closed gate says what is missing and where it can be done. */
function Gate({ gate: { holds, reasons }, lesson, isKeeper }: GateProps) {
  return (
    <div aria-live="polite">
      {holds ? (
        <Notice tone="good">{text('gateHoldsLong')}</Notice>
      ) : (
        <>
          <Notice tone="bad">
            <p>
              <strong>{text('gateMissingLong')}</strong>
            </p>
            <ul>
              {reasons.map((reason) => (
                <li key={reason.text}>{reason.text}</li>
              ))}
            </ul>
          </Notice>
          {isKeeper && (
            <p>
              <Link
                to="/courses/$courseId"
                params={{ courseId: lesson.courseId }}
                className={buttonClass({ tone: 'primary' })}
              >
                {text('toPermissions')}
              </Link>
            </p>
          )}
        </>
      )}
    </div>
  );
}

function LessonFacts({ lesson }: { readonly lesson: Lesson }) {
  const { announcedAt, announcedBy, announcedHow } = lesson;
  return (
    <Facts
      facts={[
        [
          text('course'),
          <Link key="course" to="/courses/$courseId" params={{ courseId: lesson.courseId }}>
            {text('toCourse')}
          </Link>,
        ],
        [text('lessonKind'), label('lessonKind', lesson.kind)],
        [text('reason'), lesson.reason],
        [text('when'), `${dateTime(lesson.plannedStart)} – ${dateTime(lesson.plannedEnd)}`],
        [text('channel'), lesson.channelName],
        [text('supervisor'), lesson.supervisorName],
        [
          text('announcement'),
          announcedAt === null
            ? text('notAnnounced')
            : text('announcedBy', { by: announcedBy ?? '', when: dateTime(announcedAt), how: announcedHow ?? '' }),
        ],
        [text('sites'), lesson.sites.map(({ name }) => name).join(', ') || '–'],
        [text('participants'), lesson.participants.map(({ name }) => name).join(', ') || '–'],
      ]}
    />
  );
}
