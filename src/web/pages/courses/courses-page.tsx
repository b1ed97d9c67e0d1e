import { Link } from '@tanstack/react-router';
import { useList } from '../../api/use-ask.ts';
import { buttonClass } from '../../parts/button-class.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Card, Empty, Page } from '../../parts/page.tsx';
import { usePerson } from '../../shell/session.tsx';
import { count, text } from '../../words/current.ts';
import { date } from '../../words/format.ts';

/** Courses that somebody may see, the newest first. */
export function CoursesPage() {
  const person = usePerson();
  const courses = useList('listCourses', { query: { limit: 50 } });
  const open = person.has('teacher', 'administrator') && (
    <Link to="/courses/new" className={buttonClass({ tone: 'primary' })}>
      {text('openCourse')}
    </Link>
  );
  return (
    <Page title={text('courses')} lead={text('coursesLead')} actions={open}>
      <Loaded query={courses}>
        {() =>
          courses.items.length === 0 ? (
            <Card>
              <Empty>{text('noCourses')}</Empty>
            </Card>
          ) : (
            <>
              {courses.items.map((course) => (
                <Card
                  key={course.id}
                  title={
                    <Link to="/courses/$courseId" params={{ courseId: course.id }}>
                      {course.title}
                    </Link>
                  }
                >
                  <p className="quiet">
                    {[
                      course.classes.join(', '),
                      `${date(course.from)} – ${date(course.until)}`,
                      count('peopleCount', course.participants),
                      count('lessonsCount', course.lessons),
                    ]
                      .filter((fact) => fact !== '')
                      .join(' · ')}
                  </p>
                </Card>
              ))}
              <MoreButton list={courses} />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}
