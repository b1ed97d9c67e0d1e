import { useState } from 'react';
import { routes } from '../../../domain/permission.ts';
import { ask } from '../../api/ask.ts';
import { Problem } from '../../api/problem.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { Select, Tick } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Card } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { label, text } from '../../words/current.ts';
import type { Lesson } from './lesson.ts';

/** Notes an objection to this one lesson that came on paper, by mail or on the telephone, or that it is taken back. */
export function LessonObjection({ lesson }: { readonly lesson: Lesson }) {
  const [about, setAbout] = useState(lesson.participants[0]?.id ?? '');
  const refresh = useRefresh();
  const say = useSay();
  const guardians = lesson.participants.find(({ id }) => id === about)?.guardians ?? [];
  return (
    <Card>
      <details>
        <summary>{text('objectionTitle')}</summary>
        <p className="quiet">{text('objectionLead')}</p>
        <Form
          className="fields"
          send={text('objectionNote')}
          tone="plain"
          onSend={async (values) => {
            const [guardianId, isLifted] = [values.text('guardianId'), values.isTicked('lift')];
            const route = routes.find((one) => one === values.text('route'));
            if (route === undefined) throw new Problem({ title: text('pageFault') });
            await ask('noteObjection', {
              params: { lessonId: lesson.id },
              body: {
                participantId: about,
                route,
                ...(guardianId === '' ? {} : { guardianId }),
                ...(isLifted ? { lift: true as const } : {}),
              },
            });
            say(isLifted ? text('objectionLifted') : text('objectionNoted'));
            await refresh();
          }}
        >
          <Select
            label={text('answerAbout')}
            value={about}
            onChange={({ target }) => setAbout(target.value)}
            options={lesson.participants.map(({ id, name }) => [id, name] as const)}
            required
          />
          <Select
            label={text('objectionWho')}
            name="guardianId"
            options={[['', text('themself')], ...guardians.map(({ id, name }) => [id, name] as const)]}
          />
          <Select
            label={text('answerRoute')}
            name="route"
            options={routes.map((one) => [one, label('permissionRoute', one)] as const)}
          />
          <Tick label={text('objectionLift')} name="lift" />
        </Form>
      </details>
    </Card>
  );
}
