import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { personErasureReasons } from '../../../domain/person-erasure.ts';
import { ask } from '../../api/ask.ts';
import type { Answer } from '../../api/types.ts';
import { ActionButton } from '../../parts/button.tsx';
import { download } from '../../parts/download.ts';
import { Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { useSure } from '../../parts/sure.tsx';
import { label, text } from '../../words/current.ts';
import { date } from '../../words/format.ts';
import type { Person } from './person.ts';
import { PersonLink } from './person-link.tsx';

/** The file about a person, and their erasure with what it does: for administrators. */
export function RightsCard({ person }: { readonly person: Person }) {
  const [file, setFile] = useState<Answer<'exportPerson'> | null>(null);
  const [plan, setPlan] = useState<Answer<'getPersonErasure'> | null>(null);
  const params = { personId: person.id };
  return (
    <Card title={text('rightsOfPerson')}>
      <div className="row">
        <ActionButton
          onAct={async () => {
            const found = await ask('exportPerson', { params });
            const json = new Blob([`${JSON.stringify(found, null, 2)}\n`], { type: 'application/json' });
            download(json, `emanet-person-${person.id}.json`);
            setFile(found);
          }}
        >
          {text('exportPerson')}
        </ActionButton>
        <ActionButton tone="danger" onAct={async () => setPlan(await ask('getPersonErasure', { params }))}>
          {text('erasePerson')}
        </ActionButton>
      </div>
      <div role="status">
        {file !== null && (
          <>
            {file.gaps.length > 0 && <Notice tone="waits">{text('exportGaps', { n: file.gaps.length })}</Notice>}
            <p className="quiet">{text('notInFile')}</p>
            <ul>
              {file.notIncluded.map((one) => (
                <li key={one.text}>{one.text}</li>
              ))}
            </ul>
          </>
        )}
        {plan !== null && <ErasurePlan person={person} plan={plan} />}
      </div>
    </Card>
  );
}

interface PlanProps {
  readonly person: Person;
  readonly plan: Answer<'getPersonErasure'>;
}

function ErasurePlan({ person, plan }: PlanProps) {
  const sure = useSure();
  const say = useSay();
  const navigate = useNavigate();
  const shown = (
    <>
      <Lines title={text('eraseAgainst')} lines={plan.blockers.map((one) => one.text)} />
      <Lines
        title={text('eraseGoes')}
        lines={plan.goes.filter((one) => one.count > 0).map((one) => `${one.text}: ${one.count}`)}
      />
      <Lines title={text('eraseStays')} lines={plan.stays.filter((one) => one.count !== 0).map((one) => one.text)} />
      <Lines
        title={text('eraseNamedIn')}
        lines={plan.captions.map(({ recordingId, title, at, isRead }) => (
          <>
            <Link to="/recordings/$recordingId" params={{ recordingId }}>
              {title}, {date(at)}
            </Link>
            {!isRead && <span className="quiet"> ({text('eraseNotRead')})</span>}
          </>
        ))}
      />
      <Lines title={text('eraseLeft')} lines={plan.left.map((one) => <PersonLink key={one.id} person={one} />)} />
    </>
  );
  if (plan.blockers.length > 0) return shown;
  return (
    <Form
      send={text('erasePerson')}
      tone="danger"
      onSend={async (values) => {
        const question = { title: text('erasePerson'), text: text('eraseText', { name: person.name }) };
        if (!(await sure({ ...question, yes: text('erasePerson') }))) return;
        const why = personErasureReasons.find((one) => one === values.text('why')) ?? 'request';
        await ask('erasePerson', { params: { personId: person.id }, body: { why, confirm: plan.digest } });
        say(text('personErased'));
        await navigate({ to: '/people' });
      }}
    >
      {shown}
      <Select
        label={text('erasePersonWhy')}
        name="why"
        options={personErasureReasons.map((one) => [one, label('personErasureReason', one)] as const)}
      />
    </Form>
  );
}

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly ReactNode[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {lines.map((line, at) => (
          <li key={at}>{line}</li>
        ))}
      </ul>
    </>
  );
}
