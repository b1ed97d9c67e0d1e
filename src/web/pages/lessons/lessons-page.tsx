import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { Item } from '../../api/types.ts';
import { useAsk, useList } from '../../api/use-ask.ts';
import { Badge } from '../../parts/badge.tsx';
import { buttonClass } from '../../parts/button-class.ts';
import { Field, Select } from '../../parts/fields.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Card, Empty, Page } from '../../parts/page.tsx';
import { usePerson } from '../../shell/session.tsx';
import { count, text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';
import { UnfinishedUploads } from '../uploads/unfinished-uploads.tsx';

/** Lessons that somebody may see, each with whether the gate holds. The filter is in the address. */
export function LessonsPage() {
  const person = usePerson();
  const { words = '', when } = useSearch({ from: '/lessons' });
  const [now] = useState(() => new Date().toISOString());
  const lessons = useList('listLessons', {
    query: {
      limit: 20,
      ...(words === '' ? {} : { words }),
      ...(when === 'coming' ? { from: now } : when === 'past' ? { until: now } : {}),
    },
  });
  const navigate = useNavigate({ from: '/lessons' });
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
          defaultValue={words}
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
        {() =>
          lessons.items.length === 0 ? (
            <Card>
              <Empty>{words === '' && when === undefined ? text('noLessonsYet') : text('noLessonsFound')}</Empty>
            </Card>
          ) : (
            <>
              {lessons.items.map((lesson) => (
                <LessonItem key={lesson.id} lesson={lesson} />
              ))}
              <MoreButton list={lessons} />
            </>
          )
        }
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
