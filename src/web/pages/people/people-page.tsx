import { useNavigate, useSearch } from '@tanstack/react-router';
import { ask } from '../../api/ask.ts';
import { useAsk, useList, useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { Field, Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Card, Empty, Page } from '../../parts/page.tsx';
import { label, text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';
import { className } from '../courses/course-words.ts';
import { AddPersonCard } from './add-person-card.tsx';
import { PersonLink } from './person-link.tsx';
import { RosterCard } from './roster-card.tsx';

/** People, classes, what waits to be decided, and rosters. The filter is in the address. */
export function PeoplePage() {
  return (
    <Page title={text('people')}>
      <Tasks />
      <People />
      <AddPersonCard />
      <RosterCard />
    </Page>
  );
}

function Tasks() {
  const tasks = useAsk('listTasks', {});
  const refresh = useRefresh();
  const items = tasks.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Card title={text('peopleTasks', { n: items.length })}>
      <ul className="plain">
        {items.map(({ id, kind, person, other, createdAt }) => (
          <li key={id} className="row spread">
            <span>
              {label('taskKind', kind)}: <PersonLink person={person} />
              {other !== null && (
                <>
                  {' – '}
                  <PersonLink person={other} />
                </>
              )}{' '}
              <small>{dateTime(createdAt)}</small>
            </span>
            <ActionButton
              small
              label={`${text('taskDone')}: ${person.name}`}
              onAct={async () => {
                await ask('finishTask', { params: { taskId: id } });
                await refresh();
              }}
            >
              {text('taskDone')}
            </ActionButton>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function People() {
  const { search, classId } = useSearch({ from: '/people' });
  const navigate = useNavigate({ from: '/people' });
  const classes = useAsk('listClasses', {});
  const people = useList('listPersons', {
    query: { limit: 50, ...(search ? { search } : {}), ...(classId ? { classId } : {}) },
  });
  return (
    <Card>
      <Form
        key={`${search} ${classId} ${classes.data === undefined}`}
        className="fields"
        send={text('search')}
        tone="plain"
        onSend={(values) =>
          navigate({
            search: { search: values.text('search') || undefined, classId: values.text('classId') || undefined },
            replace: true,
          })
        }
      >
        <Field
          label={text('searchName')}
          name="search"
          type="search"
          defaultValue={search ?? ''}
          maxLength={200}
          autoComplete="off"
        />
        <Select
          label={text('class')}
          name="classId"
          defaultValue={classId ?? ''}
          options={[
            ['', text('everyClass')],
            ...(classes.data?.items ?? []).map(
              (one) => [one.id, `${className(one)}, ${text('pupils', { n: one.pupils })}`] as const,
            ),
          ]}
        />
      </Form>
      <Loaded query={people}>
        {() =>
          people.items.length === 0 ? (
            <Empty>{text('noPeople')}</Empty>
          ) : (
            <>
              <ul className="plain">
                {people.items.map((one) => (
                  <li key={one.id} className="row">
                    <PersonLink person={one} />
                    <small>
                      {[
                        one.roles.map((role) => label('personRole', role)).join(', '),
                        one.schoolNumber ?? '',
                        one.classes.map(({ name }) => name).join(', '),
                      ]
                        .filter((fact) => fact !== '')
                        .join(' · ')}
                    </small>
                  </li>
                ))}
              </ul>
              <p className="unseen" role="status">
                {text('peopleShown', { n: people.items.length })}
              </p>
              <MoreButton list={people} />
            </>
          )
        }
      </Loaded>
    </Card>
  );
}
