import { useState } from 'react';
import { authorities, relations } from '../../../domain/person.ts';
import { ask } from '../../api/ask.ts';
import type { Item } from '../../api/types.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { Field, Select } from '../../parts/fields.tsx';
import { Form, type Values } from '../../parts/form.tsx';
import { Card } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { useSure } from '../../parts/sure.tsx';
import { usePerson } from '../../shell/session.tsx';
import { label, text } from '../../words/current.ts';
import type { Person } from './person.ts';

type Guardianship = Person['guardianships'][number];

/** Who stands for whom, and what they may do. An administrator decides it. */
export function GuardianshipsCard({ person }: { readonly person: Person }) {
  return (
    <Card title={text('guardianships')}>
      {person.guardianships.map((one) => (
        <GuardianshipRow key={one.id} guardianship={one} />
      ))}
      {person.roles.includes('pupil') && <AddGuardian person={person} />}
    </Card>
  );
}

const chosen = (values: Values) => ({
  relation: relations.find((one) => one === values.text('relation')) ?? relations[0],
  authority: authorities.find((one) => one === values.text('authority')) ?? authorities[0],
});

function GuardianshipFields({ relation, authority }: Partial<Pick<Guardianship, 'relation' | 'authority'>>) {
  return (
    <>
      <Select
        label={text('relation')}
        name="relation"
        defaultValue={relation}
        options={relations.map((one) => [one, label('relation', one)] as const)}
      />
      <Select
        label={text('authorityOfGuardian')}
        name="authority"
        defaultValue={authority}
        options={authorities.map((one) => [one, label('authority', one)] as const)}
      />
    </>
  );
}

function GuardianshipRow({ guardianship }: { readonly guardianship: Guardianship }) {
  const me = usePerson();
  const refresh = useRefresh();
  const say = useSay();
  const sure = useSure();
  const { id, guardian, pupil, relation, authority, until } = guardianship;
  const params = { guardianshipId: id };
  const title = `${guardian.name} – ${pupil.name}`;
  if (until !== null || !me.has('administrator'))
    return (
      <p>
        {title}: {until === null ? `${label('relation', relation)}, ${label('authority', authority)}` : text('ended')}
      </p>
    );
  return (
    <section>
      <h3>{title}</h3>
      <Form
        key={`${relation} ${authority}`}
        className="fields"
        send={text('save')}
        tone="plain"
        onSend={async (values) => {
          await ask('decideGuardianship', { params, body: chosen(values) });
          say(text('saved'));
          await refresh();
        }}
      >
        <GuardianshipFields relation={relation} authority={authority} />
      </Form>
      <details>
        <summary>{text('endGuardianship')}</summary>
        <Form
          send={text('endGuardianship')}
          tone="danger"
          onSend={async (values) => {
            const question = { title: text('endGuardianship'), text: text('endGuardianshipText', { title }) };
            if (!(await sure({ ...question, yes: text('endGuardianship') }))) return;
            await ask('decideGuardianship', { params, body: { end: true, why: values.text('why') } });
            await refresh();
          }}
        >
          <Field label={text('endWhy')} name="why" required maxLength={500} autoComplete="off" />
        </Form>
      </details>
    </section>
  );
}

/** Says who stands for a pupil: somebody who is found by name. */
function AddGuardian({ person }: { readonly person: Person }) {
  const refresh = useRefresh();
  const say = useSay();
  const [found, setFound] = useState<readonly Item<'listPersons'>[] | null>(null);
  return (
    <details>
      <summary>{text('addGuardian')}</summary>
      <p className="quiet">{text('addGuardianHint')}</p>
      <Form
        send={text('search')}
        tone="plain"
        onSend={async (values) => {
          const { items } = await ask('listPersons', { query: { limit: 20, search: values.text('search') } });
          const others = items.filter(({ id }) => id !== person.id);
          setFound(others);
          say(text('peopleShown', { n: others.length }));
        }}
      >
        <Field label={text('searchName')} name="search" type="search" required maxLength={200} autoComplete="off" />
      </Form>
      {found !== null && (
        <Form
          className="fields"
          send={text('save')}
          onSend={async (values) => {
            const body = { guardianId: values.text('guardianId'), ...chosen(values) };
            await ask('addGuardianship', { params: { personId: person.id }, body });
            setFound(null);
            say(text('saved'));
            await refresh();
          }}
        >
          <Select
            label={text('guardian')}
            name="guardianId"
            required
            options={found.map(
              (one) => [one.id, [one.name, ...one.classes.map(({ name }) => name)].join(' ')] as const,
            )}
          />
          <GuardianshipFields />
        </Form>
      )}
    </details>
  );
}
