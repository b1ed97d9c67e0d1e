import { useState } from 'react';
import { personRoles } from '../../../domain/person.ts';
import { ask } from '../../api/ask.ts';
import type { Answer } from '../../api/types.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { Field, Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card } from '../../parts/page.tsx';
import { label, text } from '../../words/current.ts';
import { ClassSelect } from './class-select.tsx';
import { PersonLink } from './person-link.tsx';

/** Adds one person by hand; whoever has the same name is told. */
export function AddPersonCard() {
  const [added, setAdded] = useState<Answer<'createPerson'> | null>(null);
  const refresh = useRefresh();
  return (
    <Card>
      <details>
        <summary>{text('addPerson')}</summary>
        <Form
          draft="person"
          className="fields"
          send={text('addPerson')}
          clears
          onSend={async (values) => {
            const role = personRoles.find((one) => one === values.text('role'));
            const [schoolNumber, contact, classId] = ['schoolNumber', 'contact', 'classId'].map((name) =>
              values.text(name),
            );
            setAdded(
              await ask('createPerson', {
                body: {
                  name: values.text('name'),
                  roles: role === undefined ? [] : [role],
                  ...(schoolNumber ? { schoolNumber } : {}),
                  contacts: contact ? [contact] : [],
                  classIds: classId ? [classId] : [],
                },
              }),
            );
            await refresh();
          }}
        >
          <Field label={text('nameAndFamily')} name="name" required maxLength={200} autoComplete="off" />
          <Select
            label={text('role')}
            name="role"
            options={personRoles.map((role) => [role, label('personRole', role)] as const)}
          />
          <ClassSelect name="classId" />
          <Field label={text('schoolNumber')} name="schoolNumber" maxLength={40} autoComplete="off" />
          <Field label={text('newAddress')} name="contact" maxLength={300} autoComplete="off" />
        </Form>
        <div role="status">
          {added !== null && (
            <Notice tone="good">
              <p>
                <PersonLink person={added} />: {text('saved')}
              </p>
              {added.namesakes.length > 0 && (
                <>
                  <p>{text('namesakes')}</p>
                  <ul>
                    {added.namesakes.map((one) => (
                      <li key={one.id}>
                        <PersonLink person={{ id: one.id, name: [one.name, ...one.classes].join(' ') }} />
                      </li>
                    ))}
                  </ul>
                </>
              )}
            </Notice>
          )}
        </div>
      </details>
    </Card>
  );
}
