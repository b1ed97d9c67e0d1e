import { ask } from '../../api/ask.ts';
import { Problem } from '../../api/problem.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { localInput } from '../../parts/local-input.ts';
import { Card } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { usePerson } from '../../shell/session.tsx';
import { exactClock, parseClock } from '../../words/clock.ts';
import { text } from '../../words/current.ts';
import type { Lesson } from './lesson.ts';

/** States how, by whom and when the recording was announced, or will be, and at which second it is heard (P3). */
export function AnnounceForm({ lesson }: { readonly lesson: Lesson }) {
  const person = usePerson();
  const refresh = useRefresh();
  const say = useSay();
  const form = (
    <Form
      key={lesson.announcedAt}
      className="fields"
      send={text('announceSave')}
      tone="plain"
      onSend={async (values) => {
        const typed = values.text('second');
        const ms = typed === '' ? null : parseClock(typed);
        if (typed !== '' && ms === null) throw new Problem({ title: text('badClock') });
        await ask('announce', {
          params: { lessonId: lesson.id },
          body: {
            at: values.instant('at') ?? lesson.plannedStart,
            by: values.text('by'),
            how: values.text('how'),
            ...(ms === null ? {} : { second: Math.round(ms / 1000) }),
          },
        });
        say(text('saved'));
        await refresh();
      }}
    >
      <Field
        label={text('announceBy')}
        name="by"
        defaultValue={lesson.announcedBy ?? person.name}
        required
        maxLength={200}
      />
      <Field
        label={text('announceHow')}
        hint={text('announceHint')}
        name="how"
        defaultValue={lesson.announcedHow ?? ''}
        required
        maxLength={500}
      />
      <Field
        label={text('when')}
        name="at"
        type="datetime-local"
        defaultValue={localInput(new Date(lesson.announcedAt ?? lesson.plannedStart))}
        required
      />
      <Field
        label={text('announceSecond')}
        hint={text('announceSecondHint')}
        name="second"
        inputMode="numeric"
        defaultValue={lesson.announcedSecond === null ? '' : exactClock(lesson.announcedSecond * 1000)}
      />
    </Form>
  );
  if (lesson.announcedAt === null) return <Card title={text('announcement')}>{form}</Card>;
  return (
    <Card>
      <details>
        <summary>{text('announceChange')}</summary>
        {form}
      </details>
    </Card>
  );
}
