import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { foldForSearch } from '../../../domain/person.ts';
import type { Item } from '../../api/types.ts';
import { useAsk } from '../../api/use-ask.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { buttonClass } from '../../parts/button-class.ts';
import { Field, Select } from '../../parts/fields.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Empty, Page } from '../../parts/page.tsx';
import { usePerson } from '../../shell/session.tsx';
import { count, text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';
import { UnfinishedUploads } from '../uploads/unfinished-uploads.tsx';

/** How many are drawn at once: each asks the gate. */
const atOnce = 20;

/** Lessons that somebody may see, each with whether the gate holds. The filter is in the address. */
export function LessonsPage() {
  const person = usePerson();
  const lessons = useAsk('listLessons', {});
  const { words = '', when } = useSearch({ from: '/lessons' });
  const navigate = useNavigate({ from: '/lessons' });
  const [shown, setShown] = useState(atOnce);
  const isKeeper = person.has('teacher', 'administrator');
  const filter = (next: { words?: string | undefined; when?: 'coming' | 'past' | undefined }) =>
    void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  return (
    <Page
      title={text('lessons')}
      lead={text('lessonsLead')}
      actions={
        isKeeper && (
          <Link to="/lessons/new" className={buttonClass({ tone: 'primary' })}>
            {text('lessonNew')}
          </Link>
        )
      }
    >
      {isKeeper && <UnfinishedUploads />}
      <div className="fields">
        <Field
          label={text('filterWords')}
          type="search"
          value={words}
          onChange={({ target }) => filter({ words: target.value || undefined })}
        />
        <Select
          label={text('when')}
          value={when ?? ''}
          onChange={({ target }) => filter({ when: (target.value || undefined) as 'coming' | 'past' | undefined })}
          options={[
            ['', text('when_all')],
            ['coming', text('when_coming')],
            ['past', text('when_past')],
          ]}
        />
      </div>
      <Loaded query={lessons}>
        {({ items }) => {
          const now = Date.now();
          const found = items.filter(
            ({ title, plannedEnd }) =>
              foldForSearch(title).includes(foldForSearch(words)) &&
              (when === undefined || (when === 'past') === Date.parse(plannedEnd) < now),
          );
          if (found.length === 0)
            return (
              <Card>
                <Empty>{items.length === 0 ? text('noLessonsYet') : text('noLessonsFound')}</Empty>
              </Card>
            );
          return (
            <>
              {found.slice(0, shown).map((lesson) => (
                <LessonItem key={lesson.id} lesson={lesson} />
              ))}
              {found.length > shown && <Button onPress={() => setShown(shown + atOnce)}>{text('showMore')}</Button>}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}

function LessonItem({ lesson }: { readonly lesson: Item<'listLessons'> }) {
  const gate = useAsk('getGate', { params: { lessonId: lesson.id } });
  return (
    <Card
      title={
        <Link to="/lessons/$lessonId" params={{ lessonId: lesson.id }}>
          {lesson.title}
        </Link>
      }
      actions={
        gate.data && (
          <Badge tone={gate.data.holds ? 'good' : 'bad'}>
            {gate.data.holds ? text('gateHolds') : text('gateMissing', { n: gate.data.reasons.length })}
          </Badge>
        )
      }
    >
      <p className="quiet">
        {dateTime(lesson.plannedStart)} · {count('recordingsCount', lesson.recordings)}
      </p>
    </Card>
  );
}
