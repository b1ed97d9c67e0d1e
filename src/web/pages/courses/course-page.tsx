import { Link, useParams } from '@tanstack/react-router';
import { useAsk } from '../../api/use-ask.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Facts, Page } from '../../parts/page.tsx';
import { usePerson } from '../../shell/session.tsx';
import { label, text } from '../../words/current.ts';
import { day } from '../../words/format.ts';
import { CourseChange } from './course-change.tsx';
import { CourseLessons } from './course-lessons.tsx';
import { CoursePeople } from './course-people.tsx';
import type { Course } from './course-words.ts';

/** One course: who is missing and why, what can be done next, and its lessons. */
export function CoursePage() {
  const { courseId } = useParams({ from: '/courses/$courseId' });
  const person = usePerson();
  const course = useAsk('getCourse', { params: { courseId } });
  const isKeeper = person.has('teacher', 'administrator');
  return (
    <Page
      title={course.data?.title ?? text('course')}
      lead={course.data && `${day(course.data.from)} – ${day(course.data.until)}`}
      back={<Link to="/courses">← {text('courses')}</Link>}
    >
      <Loaded query={course}>
        {(shown) => (
          <>
            <CoursePeople course={shown} isKeeper={isKeeper} />
            <CourseLessons course={shown} isKeeper={isKeeper} />
            <Card title={text('courseFacts')} className="no-print">
              <CourseFacts course={shown} />
              {isKeeper && <CourseChange course={shown} />}
            </Card>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function CourseFacts({ course }: { readonly course: Course }) {
  const named = (set: 'purpose' | 'audience', values: readonly string[]) =>
    values.map((one) => label(set, one)).join(', ') || '–';
  return (
    <Facts
      facts={[
        [text('reason'), course.reason],
        [text('channel'), course.channelName],
        [text('supervisor'), course.supervisorName],
        [text('askedFor'), named('purpose', course.purposes)],
        [text('shownTo'), named('audience', course.audiences)],
        [text('keptUntil'), course.keptUntil === null ? text('byRules') : day(course.keptUntil)],
        [text('classes'), course.classes.map(({ name }) => name).join(', ') || '–'],
        [text('sites'), course.sites.map(({ name }) => name).join(', ') || '–'],
      ]}
    />
  );
}
