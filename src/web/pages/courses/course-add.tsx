import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Answer, Body } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { Choices, Field, Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { useSay } from '../../parts/said.tsx';
import { label, text } from '../../words/current.ts';
import type { Course } from './course-words.ts';
import { className } from './course-words.ts';

type Add = (body: Body<'addPeople'>) => Promise<void>;

/** Whole classes, people whom the school knows, and guests who are typed in. */
export function CourseAdd({ course }: { readonly course: Course }) {
  const [isOpen, setOpen] = useState(false);
  const refresh = useRefresh();
  const say = useSay();
  const add: Add = async (body) => {
    const { added } = await ask('addPeople', { params: { courseId: course.id }, body });
    say(text('peopleAdded', { n: added }));
    await refresh();
  };
  return (
    <details className="no-print" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{text('addPeople')}</summary>
      <p className="quiet">{text('addPeopleLead')}</p>
      {isOpen && (
        <>
          <Classes course={course} add={add} />
          <Known add={add} />
          <Guest add={add} />
        </>
      )}
    </details>
  );
}

function Classes({ course, add }: { readonly course: Course; readonly add: Add }) {
  const classes = useAsk('listClasses', {});
  const others = (classes.data?.items ?? []).filter(({ id }) => !course.classes.some((one) => one.id === id));
  if (classes.data && others.length === 0) return <p className="quiet">{text('addNoClasses')}</p>;
  return (
    <Form send={text('addClasses')} tone="plain" onSend={(values) => add({ classIds: values.all('classIds') })}>
      <Choices
        legend={text('classes')}
        name="classIds"
        options={others.map((one) => [one.id, className(one)] as const)}
      />
    </Form>
  );
}

function Known({ add }: { readonly add: Add }) {
  const [found, setFound] = useState<Answer<'listPersons'>['items'] | null>(null);
  return (
    <>
      <Form
        send={text('search')}
        tone="plain"
        onSend={async (values) =>
          setFound((await ask('listPersons', { query: { limit: 20, search: values.text('search') } })).items)
        }
      >
        <Field label={text('addKnown')} name="search" type="search" required maxLength={200} autoComplete="off" />
      </Form>
      <div role="status">
        {found !== null && found.length === 0 && <p className="quiet">{text('addNobody')}</p>}
        {found !== null && (
          <ul className="plain">
            {found.map(({ id, name, classes }) => (
              <li key={id} className="row">
                <span>
                  {name} <small>{classes.map((one) => one.name).join(', ')}</small>
                </span>
                <ActionButton small label={text('addNamed', { name })} onAct={() => add({ personIds: [id] })}>
                  {text('add')}
                </ActionButton>
              </li>
            ))}
          </ul>
        )}
      </div>
    </>
  );
}

function Guest({ add }: { readonly add: Add }) {
  return (
    <Form
      className="fields"
      send={text('add')}
      tone="plain"
      clears
      onSend={(values) => {
        const contact = values.text('contact');
        const kind = values.text('kind') === 'teacher' ? 'teacher' : 'guest';
        const guest = { name: values.text('name'), kind, isMinor: false } as const;
        return add({ people: [contact === '' ? guest : { ...guest, contact }] });
      }}
    >
      <Field label={text('addGuest')} name="name" required maxLength={200} />
      <Select
        label={text('role')}
        name="kind"
        options={(['guest', 'teacher'] as const).map((kind) => [kind, label('participantKind', kind)] as const)}
      />
      <Field label={text('addContact')} hint={text('siteContactHint')} name="contact" maxLength={300} />
    </Form>
  );
}
