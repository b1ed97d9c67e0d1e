import { Link, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Answer } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Facts, Page } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { useSure } from '../../parts/sure.tsx';
import { usePerson } from '../../shell/session.tsx';
import { label, text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';
import { className } from '../courses/course-words.ts';
import { ClassSelect } from './class-select.tsx';
import { GuardianshipsCard } from './guardianships-card.tsx';
import type { Person } from './person.ts';
import { RightsCard } from './rights-card.tsx';

type Revoked = Answer<'revokeSignerLink'>;

/** One person with addresses, classes, and what guardians may do. That it is looked at is on the log. */
export function PersonPage() {
  const { personId } = useParams({ from: '/people/$personId' });
  const me = usePerson();
  const person = useAsk('getPerson', { params: { personId } });
  const [revoked, setRevoked] = useState<Revoked | null>(null);
  const isAdministrator = me.has('administrator');
  return (
    <Page title={person.data?.name ?? text('people')} back={<Link to="/people">← {text('people')}</Link>}>
      <div role="status">{revoked !== null && <RevokedNotice revoked={revoked} />}</div>
      <Loaded query={person}>
        {(shown) => (
          <>
            <Card>
              <p className="quiet">{text('addressesLogged')}</p>
              <Facts
                facts={[
                  [text('role'), shown.roles.map((role) => label('personRole', role)).join(', ')],
                  [text('schoolNumber'), shown.schoolNumber],
                  ...shown.classes.map(
                    (one) =>
                      [text('class'), `${className(one)}${one.until === null ? '' : `, ${text('ended')}`}`] as const,
                  ),
                ]}
              />
              <Addresses person={shown} isAdministrator={isAdministrator} onRevoked={setRevoked} />
            </Card>
            <Classes person={shown} />
            <GuardianshipsCard person={shown} />
            {isAdministrator && <RightsCard person={shown} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

interface AddressesProps {
  readonly person: Person;
  readonly isAdministrator: boolean;
  readonly onRevoked: (revoked: Revoked) => void;
}

function Addresses({ person, isAdministrator, onRevoked }: AddressesProps) {
  const refresh = useRefresh();
  const say = useSay();
  const sure = useSure();
  const params = { personId: person.id };
  return (
    <>
      <ul className="plain">
        {person.contacts.map(({ id, kind, value, from, undeliverable }) => (
          <li key={id} className="row spread">
            <span>
              <span className="quiet">{label('contactKind', kind)}</span> {value}
              {from !== null && <small> ({[from.file, from.line].filter((part) => part !== null).join(', ')})</small>}
              {undeliverable !== null && ` – ${text('comesBack')}`}
            </span>
            {isAdministrator && (
              <ActionButton
                small
                label={`${text('removeAddress')}: ${value}`}
                onAct={async () => {
                  const title = `${text('removeAddress')}: ${value}`;
                  const question = { title, text: text('removeAddressText'), yes: text('removeAddress') };
                  if (!(await sure(question))) return;
                  const { link } = await ask('changePerson', { params, body: { removeContactId: id } });
                  await refresh();
                  if (link !== null) onRevoked(link);
                }}
              >
                {text('removeAddress')}
              </ActionButton>
            )}
          </li>
        ))}
      </ul>
      {isAdministrator && (
        <>
          <Form
            send={text('save')}
            tone="plain"
            clears
            onSend={async (values) => {
              await ask('changePerson', { params, body: { addContact: values.text('address') } });
              say(text('saved'));
              await refresh();
            }}
          >
            <Field label={text('newAddress')} name="address" required maxLength={300} autoComplete="off" />
          </Form>
          <ActionButton
            small
            label={`${text('revokeLink')}: ${person.name}`}
            onAct={async () => {
              const title = `${text('revokeLink')}: ${person.name}`;
              if (!(await sure({ title, text: text('revokeLinkText'), yes: text('revokeLink') }))) return;
              onRevoked(await ask('revokeSignerLink', { params }));
            }}
          >
            {text('revokeLink')}
          </ActionButton>
        </>
      )}
    </>
  );
}

/** What became of the links, and which answers somebody should ask about. */
function RevokedNotice({ revoked: { links, mailed, answers } }: { readonly revoked: Revoked }) {
  return (
    <Notice tone="waits">
      <p>{mailed ? text('personLinkRevoked', { links }) : text('linkRevokedOnly', { links })}</p>
      {answers.length > 0 && (
        <>
          <p>{text('answersByLink')}</p>
          <ul>
            {answers.map(({ id, subject, course, status, at }) => (
              <li key={id}>
                {subject}, {course}: {label('permissionStatus', status)}, {dateTime(at)}
              </li>
            ))}
          </ul>
        </>
      )}
    </Notice>
  );
}

function Classes({ person }: { readonly person: Person }) {
  const refresh = useRefresh();
  const now = person.classes.filter(({ until }) => until === null);
  return (
    <Card title={text('memberOf')}>
      <ul className="plain">
        {now.map((one) => (
          <li key={one.id} className="row spread">
            {className(one)}
            <ActionButton
              small
              label={`${text('leaveClass')}: ${one.name}`}
              onAct={async () => {
                await ask('leaveClass', { params: { personId: person.id, classId: one.id } });
                await refresh();
              }}
            >
              {text('leaveClass')}
            </ActionButton>
          </li>
        ))}
      </ul>
      <Form
        send={text('joinClass')}
        tone="plain"
        clears
        onSend={async (values) => {
          await ask('joinClass', { params: { personId: person.id, classId: values.text('classId') } });
          await refresh();
        }}
      >
        <ClassSelect name="classId" required />
      </Form>
    </Card>
  );
}
