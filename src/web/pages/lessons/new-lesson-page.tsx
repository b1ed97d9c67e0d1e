import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { lessonKinds } from '../../../domain/retention.ts';
import { ask } from '../../api/ask.ts';
import { Problem } from '../../api/problem.ts';
import { useAsk } from '../../api/use-ask.ts';
import { Field, Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { localInput } from '../../parts/local-input.ts';
import { Card, Page } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { usePerson } from '../../shell/session.tsx';
import { label, text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';
import { ChannelField, ReasonField, SiteFields, SupervisorField, TitleField } from '../courses/course-fields.tsx';

const weekMs = 7 * 86_400_000;

/**
 * Opens a lesson: in a course, whose permissions count for it, or alone. `from` names a lesson to copy a week later, in
 * its course.
 */
export function NewLessonPage() {
  const { from } = useSearch({ from: '/lessons/new' });
  return (
    <Page title={text('lessonNew')} back={<Link to="/lessons">← {text('lessons')}</Link>}>
      {from === undefined ? (
        <>
          <InCourse />
          <Alone />
        </>
      ) : (
        <Copy lessonId={from} />
      )}
    </Page>
  );
}

function times(start: string, minutes: number | null) {
  const begin = new Date(start);
  return {
    plannedStart: begin.toISOString(),
    plannedEnd: new Date(begin.getTime() + (minutes ?? 40) * 60_000).toISOString(),
  };
}

function TimeFields({ start, minutes = 40 }: { readonly start?: string; readonly minutes?: number }) {
  return (
    <>
      <Field label={text('lessonStart')} name="start" type="datetime-local" defaultValue={start} required />
      <Field
        label={text('lessonMinutes')}
        name="minutes"
        type="number"
        min={1}
        max={1440}
        defaultValue={minutes}
        required
      />
    </>
  );
}

const useOpened = () => {
  const navigate = useNavigate();
  const say = useSay();
  return async (lessonId: string, at: string) => {
    say(text('lessonCopied', { time: dateTime(at) }));
    await navigate({ to: '/lessons/$lessonId', params: { lessonId } });
  };
};

function InCourse() {
  const courses = useAsk('listCourses', { query: { limit: 200 } });
  const opened = useOpened();
  return (
    <Card title={text('addLesson')}>
      <p className="quiet">{text('addLessonHint')}</p>
      <Loaded query={courses}>
        {({ items }) =>
          items.length === 0 ? (
            <p>
              {text('noCourses')} <Link to="/courses/new">{text('openCourse')}</Link>
            </p>
          ) : (
            <Form
              draft="lesson"
              className="fields"
              send={text('addLesson')}
              onSend={async (values) => {
                const title = values.text('title');
                const body = {
                  ...times(values.text('start'), values.number('minutes')),
                  ...(title === '' ? {} : { title }),
                };
                const { id, plannedStart } = await ask('addLesson', {
                  params: { courseId: values.text('courseId') },
                  body,
                });
                await opened(id, plannedStart);
              }}
            >
              <Select
                label={text('course')}
                name="courseId"
                required
                options={items.map(({ id, title }) => [id, title] as const)}
              />
              <TimeFields />
              <Field label={text('lessonTitle')} name="title" maxLength={200} />
            </Form>
          )
        }
      </Loaded>
    </Card>
  );
}

function Alone() {
  const person = usePerson();
  const school = useAsk('getSchool', {});
  const opened = useOpened();
  return (
    <Card>
      <details>
        <summary>{text('lessonAlone')}</summary>
        <p className="quiet">{text('lessonAloneLead')}</p>
        <Loaded query={school}>
          {({ name }) => (
            <Form
              draft="lesson-alone"
              className="fields"
              send={text('lessonNew')}
              onSend={async (values) => {
                const span = times(values.text('start'), values.number('minutes'));
                const kind = lessonKinds.find((one) => one === values.text('kind'));
                if (kind === undefined) throw new Problem({ title: text('pageFault') });
                const { id } = await ask('createLesson', {
                  body: {
                    title: values.text('title'),
                    reason: values.text('reason'),
                    kind,
                    ...span,
                    supervisorName: values.text('supervisorName'),
                    channelId: values.text('channelId'),
                    sites: [{ name: values.text('siteName'), contact: values.text('siteContact') }],
                  },
                });
                await opened(id, span.plannedStart);
              }}
            >
              <TitleField />
              <ReasonField />
              <TimeFields />
              <Select
                label={text('lessonKind')}
                name="kind"
                options={lessonKinds.map((kind) => [kind, label('lessonKind', kind)] as const)}
              />
              <ChannelField />
              <SupervisorField value={person.name} />
              <SiteFields name={name} />
            </Form>
          )}
        </Loaded>
      </details>
    </Card>
  );
}

function Copy({ lessonId }: { readonly lessonId: string }) {
  const lesson = useAsk('getLesson', { params: { lessonId } });
  const opened = useOpened();
  return (
    <Card title={text('copyLesson')}>
      <p className="quiet">{text('addLessonHint')}</p>
      <Loaded query={lesson}>
        {({ courseId, title, kind, plannedStart, plannedEnd }) => (
          <Form
            className="fields"
            send={text('lessonNew')}
            onSend={async (values) => {
              const body = {
                title: values.text('title'),
                kind,
                ...times(values.text('start'), values.number('minutes')),
              };
              const made = await ask('addLesson', { params: { courseId }, body });
              await opened(made.id, made.plannedStart);
            }}
          >
            <TimeFields
              start={localInput(new Date(Date.parse(plannedStart) + weekMs))}
              minutes={Math.round((Date.parse(plannedEnd) - Date.parse(plannedStart)) / 60_000)}
            />
            <Field label={text('courseTitle')} name="title" defaultValue={title} required maxLength={200} />
          </Form>
        )}
      </Loaded>
    </Card>
  );
}
