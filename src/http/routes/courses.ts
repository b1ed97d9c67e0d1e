import { toCell } from '../../audit/csv.ts';
import type { courseRoutes as contract } from '../../contract/course.ts';
import type { Language } from '../../domain/language.ts';
import { textsIn } from '../../language/catalogue.ts';
import { findPermissionRules } from '../../pipeline/core/permission-rules.ts';
import { addLesson } from '../../pipeline/course/add-lesson.ts';
import { addPeople } from '../../pipeline/course/add-people.ts';
import { changeCourse } from '../../pipeline/course/change-course.ts';
import { createCourse } from '../../pipeline/course/create-course.ts';
import { getCourse } from '../../pipeline/course/get-course.ts';
import { listCourses } from '../../pipeline/course/list-courses.ts';
import { markSeat } from '../../pipeline/course/mark-seat.ts';
import { noteObjection } from '../../pipeline/course/note-objection.ts';
import { removeParticipant } from '../../pipeline/course/remove-participant.ts';
import type { CourseView } from '../../pipeline/course/view-course.ts';
import { viewCourse } from '../../pipeline/course/view-course.ts';
import { choosePermissionRules } from '../../pipeline/lesson/choose-permission-rules.ts';
import { listLessons } from '../../pipeline/lesson/list-lessons.ts';
import { listTexts, setText } from '../../pipeline/lesson/school-texts.ts';
import { invalidatePermission } from '../../pipeline/permission/invalidate-permission.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import { askCourse } from '../../pipeline/signing/ask-course.ts';
import { remindCourse } from '../../pipeline/signing/remind-signers.ts';
import { sendTestMail } from '../../pipeline/staff/mail-person.ts';
import type { Handlers } from '../mount.ts';
import { tellIn } from '../tell.ts';

type Own = keyof typeof contract;

export function courseRoutes(outside: Outside): Pick<Handlers, Own> {
  return {
    listCourses: ({ relation, signedIn, query }) =>
      listCourses(outside, {
        teacherId: relation === 'own' ? signedIn.person.id : undefined,
        limit: query.limit,
        after: query.cursor,
      }),
    createCourse: ({ caller, body }) => createCourse(outside, caller, body),
    getCourse: ({ params }) => getCourse(outside, params.courseId),
    changeCourse: ({ caller, params, body }) => changeCourse(outside, caller, params.courseId, body),
    viewCourse: async ({ params, query, language }) =>
      toldView(await viewCourse(outside, params.courseId, query), language),
    async exportCourse({ params, query, language, res }) {
      const { rows } = toldView(await viewCourse(outside, params.courseId, query), language);
      const { courses: t } = textsIn(language);
      const lines = [
        [t.csv.name, t.csv.class, t.csv.state],
        ...rows.map((row) => [row.name, row.className ?? '', row.stateText]),
      ];
      res.setHeader('Content-Type', 'text/csv; charset=utf-8');
      res.setHeader('Content-Disposition', 'attachment; filename="emanet-course.csv"');
      res.end(`\uFEFF${lines.map((line) => line.map(toCell).join(',')).join('\r\n')}\r\n`);
    },
    addPeople: ({ caller, params, body }) => addPeople(outside, caller, params.courseId, body),
    removeParticipant: ({ caller, params }) =>
      removeParticipant(outside, caller, params.courseId, params.participantId),
    listCourseLessons: async ({ params }) => ({
      items: (await listLessons(outside, { courseId: params.courseId, limit: 10_000 })).items,
    }),
    addLesson: ({ caller, params, body }) => addLesson(outside, caller, params.courseId, body),
    noteObjection: ({ caller, params, body }) => noteObjection(outside, caller, params.lessonId, body),
    markSeat: ({ caller, params, body }) =>
      markSeat(outside, caller, params.lessonId, params.participantId, body.unrecorded),
    askCourse: ({ caller, params }) => askCourse(outside, caller, params.courseId),
    remindCourse: ({ caller, params, body }) => remindCourse(outside, caller, params.courseId, body.participantId),
    invalidatePermission: ({ caller, params, body }) =>
      invalidatePermission(outside, caller, params.permissionId, body.note),
    getPermissionRules: () => findPermissionRules(outside.database.read),
    choosePermissionRules: ({ caller, body }) => choosePermissionRules(outside, caller, body),
    listTexts: async () => ({ items: await listTexts(outside) }),
    setText: ({ caller, body }) => setText(outside, caller, body),
    sendTestMail: ({ caller, signedIn }) => sendTestMail(outside, caller, signedIn.person.id),
  };
}

function toldView(view: CourseView, language: Language) {
  const { courses: t, labels } = textsIn(language);
  const told = tellIn(language);
  return {
    ...view,
    rows: view.rows.map((row) => ({
      ...told.withReasons(row),
      stateText: labels.courseState[row.state],
      nextText: row.next && t.next[row.next],
    })),
  };
}
