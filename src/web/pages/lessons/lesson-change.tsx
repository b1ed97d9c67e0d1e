import { lessonKinds } from '../../../domain/retention.ts';
import { ask } from '../../api/ask.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { useSay } from '../../parts/said.tsx';
import { useSure } from '../../parts/sure.tsx';
import { label, text } from '../../words/current.ts';
import { ReasonField, SupervisorField, TitleField } from '../courses/course-fields.tsx';
import type { Lesson } from './lesson.ts';

/** Changes a lesson. A changed reason voids the permissions that were given for the old one, and asks first. */
export function LessonChange({ lesson }: { readonly lesson: Lesson }) {
  const params = { lessonId: lesson.id };
  const permissions = useAsk('listPermissions', { params });
  const refresh = useRefresh();
  const say = useSay();
  const sure = useSure();
  const given = (permissions.data?.items ?? []).filter(({ status }) => status === 'granted').length;
  return (
    <details>
      <summary>{text('changeLesson')}</summary>
      {lesson.isAlone && <p className="quiet">{text('changeLessonLead')}</p>}
      <Form
        key={lesson.title + lesson.reason + lesson.kind + lesson.supervisorName}
        className="fields"
        send={text('changeSave')}
        tone="plain"
        onSend={async (values) => {
          const reason = values.text('reason');
          const voids = lesson.isAlone && reason !== lesson.reason && given > 0;
          const question = { title: text('changeLesson'), text: text('reasonVoids', { n: given }) };
          if (voids && !(await sure({ ...question, yes: text('saveReason') }))) return;
          const kind = lessonKinds.find((one) => one === values.text('kind'));
          await ask('changeLesson', {
            params,
            body: {
              title: values.text('title'),
              supervisorName: values.text('supervisorName'),
              ...(kind === undefined ? {} : { kind }),
              ...(lesson.isAlone ? { reason } : {}),
            },
          });
          say(text('saved'));
          await refresh();
        }}
      >
        <TitleField value={lesson.title} />
        {lesson.isAlone && <ReasonField value={lesson.reason} />}
        <Select
          label={text('lessonKind')}
          name="kind"
          defaultValue={lesson.kind}
          options={lessonKinds.map((kind) => [kind, label('lessonKind', kind)] as const)}
        />
        <SupervisorField value={lesson.supervisorName} />
      </Form>
    </details>
  );
}
