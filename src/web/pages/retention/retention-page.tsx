import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { lessonKinds } from '../../../domain/retention.ts';
import { ask } from '../../api/ask.ts';
import type { Item } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { Field, Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Empty, Page } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { useSure } from '../../parts/sure.tsx';
import { label, text } from '../../words/current.ts';
import { date, dateTime } from '../../words/format.ts';
import { dayIn, endOf } from './days.ts';
import { HoldNotice } from './hold-notice.tsx';

/** How long recordings are kept, what goes soon, what waits to take effect, and what is held. */
export function RetentionPage() {
  return (
    <Page title={text('retention')}>
      <WaitingChanges />
      <Soon />
      <Policies />
      <Holds />
    </Page>
  );
}

/** What makes recordings go sooner and waits: a second administrator confirms it, or anybody calls it back. */
function WaitingChanges() {
  const changes = useAsk('listRetentionChanges', {});
  const refresh = useRefresh();
  const say = useSay();
  const items = changes.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Card title={text('changesTitle')}>
      <p>{text('changesLead')}</p>
      <ul className="plain">
        {items.map(({ id, sentence, effectiveAt, requestedByName }) => (
          <li key={id}>
            <p>{sentence}</p>
            <p className="quiet">{text('changeWaits', { date: dateTime(effectiveAt), name: requestedByName ?? '' })}</p>
            <div className="row">
              <ActionButton
                small
                onAct={async () => {
                  await ask('callBackRetentionChange', { params: { changeId: id } });
                  say(text('changeCalledBack'));
                  await refresh();
                }}
              >
                {text('changeCallBack')}
              </ActionButton>
              <ActionButton
                small
                onAct={async () => {
                  await ask('confirmRetentionChange', { params: { changeId: id } });
                  say(text('changeConfirmed'));
                  await refresh();
                }}
              >
                {text('changeConfirm')}
              </ActionButton>
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Soon() {
  const [days, setDays] = useState(7);
  const soon = useAsk('previewRetention', { query: { days } });
  return (
    <Card title={text('soonTitle')}>
      <Select
        label={text('soonDays')}
        value={String(days)}
        onChange={({ target }) => setDays(Number(target.value))}
        options={['7', '30', '90', '365'].map((n) => [n, text('daysAhead', { n })] as const)}
      />
      <div aria-live="polite">
        <Loaded query={soon}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty>{text('soonNone')}</Empty>
            ) : (
              <ul className="plain">
                {items.map((item) => (
                  <li key={item.recordingId}>
                    <Link to="/recordings/$recordingId" params={{ recordingId: item.recordingId }}>
                      {item.lessonTitle}
                    </Link>{' '}
                    <span className="quiet">{date(item.lessonAt)}</span>
                    <p>{text('keepUntil', { date: date(item.erasesAt), why: item.reason.text })}</p>
                    {item.holds.map((hold) => (
                      <HoldNotice key={hold.holdId} holdId={hold.holdId} says={hold.text} />
                    ))}
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </div>
    </Card>
  );
}

/** What ends at midnight has the day before as its last one. */
const lastDayBefore = (end: string): Date => new Date(Date.parse(end) - 1);
const yearName = (year: number | null) => (year === null ? text('anyYear') : `${year}–${year + 1}`);
const kindName = (kind: string | null) => (kind === null ? text('anyKind') : label('lessonKind', kind));
const keepName = ({ keepDays, keepUntil }: Item<'listPolicies'>) =>
  keepDays === null
    ? text('keepToDate', { date: keepUntil === null ? '–' : date(lastDayBefore(keepUntil)) })
    : text('keepForDays', { n: keepDays });

function Policies() {
  const policies = useAsk('listPolicies', {});
  const refresh = useRefresh();
  const say = useSay();
  const sure = useSure();
  return (
    <Card title={text('policies')}>
      <p>{text('policiesLead')}</p>
      <Loaded query={policies}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{text('policiesNone')}</Empty>
          ) : (
            <div className="scroll">
              <table>
                <thead>
                  <tr>
                    <th scope="col">{text('lessonKind')}</th>
                    <th scope="col">{text('schoolYear')}</th>
                    <th scope="col">{text('kept')}</th>
                    <th scope="col">
                      <span className="unseen">{text('policyRemove')}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((policy) => (
                    <tr key={policy.id}>
                      <td>{kindName(policy.kind)}</td>
                      <td>{yearName(policy.schoolYear)}</td>
                      <td>{keepName(policy)}</td>
                      <td>
                        <ActionButton
                          small
                          label={`${text('policyRemove')}: ${kindName(policy.kind)}, ${yearName(policy.schoolYear)}`}
                          onAct={async () => {
                            const question = { title: text('policyRemoveAsk'), text: text('policyRemoveText') };
                            if (!(await sure({ ...question, yes: text('policyRemove') }))) return;
                            const { waiting } = await ask('removePolicy', { params: { policyId: policy.id } });
                            say(waiting === null ? text('policyRemoved') : text('changeAsked'));
                            await refresh();
                          }}
                        >
                          {text('policyRemove')}
                        </ActionButton>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
      <details>
        <summary>{text('policyAdd')}</summary>
        <Form
          draft="policy"
          className="fields"
          send={text('policyAdd')}
          clears
          onSend={async (values) => {
            const kind = lessonKinds.find((one) => one === values.text('kind'));
            const [schoolYear, keepDays] = [values.number('schoolYear'), values.number('keepDays')];
            const until = values.text('until');
            const { waiting } = await ask('addPolicy', {
              body: {
                ...(kind === undefined ? {} : { kind }),
                ...(schoolYear === null ? {} : { schoolYear }),
                ...(keepDays === null ? {} : { keepDays }),
                ...(until === '' ? {} : { keepUntil: endOf(until) }),
              },
            });
            say(waiting === null ? text('policyAdded') : text('changeAsked'));
            await refresh();
          }}
        >
          <Select
            label={text('lessonKind')}
            name="kind"
            options={[['', text('anyKind')], ...lessonKinds.map((one) => [one, label('lessonKind', one)] as const)]}
          />
          <Field
            label={text('schoolYear')}
            hint={text('schoolYearHint')}
            name="schoolYear"
            type="number"
            min={1950}
            max={2199}
          />
          <Field label={text('keepDays')} name="keepDays" type="number" min={1} max={36_500} />
          <Field label={text('keepOrUntil')} name="until" type="date" min={dayIn(-365)} />
        </Form>
      </details>
    </Card>
  );
}

function Holds() {
  const holds = useAsk('listHolds', {});
  return (
    <Card title={text('holds')}>
      <Loaded query={holds}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{text('holdsNone')}</Empty>
          ) : (
            <ul className="plain">
              {items.map((hold) => (
                <li key={hold.id}>
                  <HoldLink hold={hold} />
                  <HoldNotice
                    holdId={hold.id}
                    mayLift
                    says={
                      hold.endsAt === null
                        ? text('holdOpen', { date: date(hold.reviewAt ?? hold.setAt), why: hold.reason })
                        : text('holdUntil', { date: date(lastDayBefore(hold.endsAt)), why: hold.reason })
                    }
                  />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}

function HoldLink({ hold: { recordingId, lessonId, lessonTitle } }: { readonly hold: Item<'listHolds'> }) {
  if (recordingId !== null)
    return (
      <Link to="/recordings/$recordingId" params={{ recordingId }}>
        {lessonTitle}
      </Link>
    );
  return (
    <Link to="/lessons/$lessonId" params={{ lessonId: lessonId ?? '' }}>
      {lessonTitle}
    </Link>
  );
}
