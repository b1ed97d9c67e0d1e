import { Link } from '@tanstack/react-router';
import { ask } from '../../api/ask.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { count, text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';
import type { Course } from './course-words.ts';

interface CourseLessonsProps {
  readonly course: Course;
  readonly isKeeper: boolean;
}

/** The lessons of a course, and a form for one more: nobody is asked again. */
export function CourseLessons({ course, isKeeper }: CourseLessonsProps) {
  const params = { courseId: course.id };
  const lessons = useAsk('listCourseLessons', { params });
  const refresh = useRefresh();
  const say = useSay();
  return (
    <Card title={text('courseLessons')} className="no-print">
      <Loaded query={lessons}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">{text('noCourseLessons')}</p>
          ) : (
            <ul className="plain">
              {items.map((lesson) => (
                <li key={lesson.id}>
                  <Link to="/lessons/$lessonId" params={{ lessonId: lesson.id }}>
                    {lesson.title}
                  </Link>{' '}
                  <span className="quiet">
                    {dateTime(lesson.plannedStart)} · {count('recordingsCount', lesson.recordings)}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {isKeeper && (
        <details>
          <summary>{text('addLesson')}</summary>
          <p className="quiet">{text('addLessonHint')}</p>
          <Form
            className="fields"
            send={text('addLesson')}
            tone="plain"
            clears
            onSend={async (values) => {
              const begin = new Date(values.text('start'));
              const end = new Date(begin.getTime() + (values.number('minutes') ?? 40) * 60_000);
              const title = values.text('title');
              await ask('addLesson', {
                params,
                body: {
                  plannedStart: begin.toISOString(),
                  plannedEnd: end.toISOString(),
                  ...(title === '' ? {} : { title }),
                },
              });
              say(text('lessonAdded'));
              await refresh();
            }}
          >
            <Field label={text('lessonStart')} name="start" type="datetime-local" required />
            <Field
              label={text('lessonMinutes')}
              name="minutes"
              type="number"
              min={1}
              max={1440}
              defaultValue={40}
              required
            />
            <Field label={text('lessonTitle')} name="title" placeholder={course.title} maxLength={200} />
          </Form>
        </details>
      )}
    </Card>
  );
}
