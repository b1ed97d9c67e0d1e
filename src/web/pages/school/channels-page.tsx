import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Item } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Field, TextArea } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Empty, Page } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { usePerson } from '../../shell/session.tsx';
import { text } from '../../words/current.ts';
import { date } from '../../words/format.ts';
import { dayIn, endOf } from '../retention/days.ts';

type Channel = Item<'listChannels'>;

/** Channels on which lessons may be recorded, each with its risk assessments and their dates (P7). */
export function ChannelsPage() {
  const channels = useAsk('listChannels', {});
  const refresh = useRefresh();
  const say = useSay();
  return (
    <Page title={text('channels')} lead={text('channelsLead')}>
      <Loaded query={channels}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <Empty>{text('channelsNone')}</Empty>
            </Card>
          ) : (
            items.map((channel) => <ChannelCard key={channel.id} channel={channel} />)
          )
        }
      </Loaded>
      <Card title={text('channelApprove')}>
        <Form
          draft="channel"
          send={text('channelApprove')}
          clears
          onSend={async (values) => {
            await ask('approveChannel', { body: { name: values.text('name') } });
            say(text('saved'));
            await refresh();
          }}
        >
          <Field
            label={text('channelName')}
            name="name"
            placeholder={text('channelNameExample')}
            required
            maxLength={120}
          />
        </Form>
      </Card>
    </Page>
  );
}

function ChannelCard({
  channel: { id, name, approved, withdrawnAt, withdrawnWhy, assessments },
}: {
  readonly channel: Channel;
}) {
  const person = usePerson();
  const refresh = useRefresh();
  const say = useSay();
  const [isWithdrawing, setWithdrawing] = useState(false);
  return (
    <Card
      title={name}
      actions={
        <Badge tone={approved ? 'good' : 'bad'}>
          {approved ? text('channelApproved') : text('channelNotApproved')}
        </Badge>
      }
    >
      {withdrawnAt !== null && (
        <p>{text('channelWithdrawnAt', { time: date(withdrawnAt), why: withdrawnWhy ?? '' })}</p>
      )}
      <h3>{text('assessments')}</h3>
      {assessments.length === 0 ? (
        <p>{text('assessmentsNone')}</p>
      ) : (
        <ul className="plain">
          {assessments.map((one) => (
            <li key={one.id}>
              <div className="row spread">
                <span>
                  {date(one.validFrom)} – {date(one.validUntil)} · {one.assessedBy}
                </span>
                <ForceBadge from={one.validFrom} until={one.validUntil} />
              </div>
              <p className="quiet">{one.summary}</p>
            </li>
          ))}
        </ul>
      )}
      <details>
        <summary>{text('assessmentAdd')}</summary>
        <Form
          draft={`assessment-${id}`}
          className="fields"
          send={text('assessmentAdd')}
          clears
          onSend={async (values) => {
            await ask('assessChannel', {
              params: { channelId: id },
              body: {
                assessedBy: values.text('assessedBy'),
                summary: values.text('summary'),
                validFrom: new Date(`${values.text('from')}T00:00`).toISOString(),
                validUntil: endOf(values.text('until')),
              },
            });
            say(text('assessmentAdded'));
            await refresh();
          }}
        >
          <Field label={text('assessedBy')} name="assessedBy" defaultValue={person.name} required maxLength={120} />
          <Field label={text('inForceFrom')} name="from" type="date" defaultValue={dayIn(0)} required />
          <Field label={text('inForceUntil')} name="until" type="date" defaultValue={dayIn(365)} required />
          <div className="whole">
            <TextArea label={text('assessmentSummary')} name="summary" required maxLength={4000} />
          </div>
        </Form>
      </details>
      {approved && (
        <p>
          <Button
            small
            tone="danger"
            aria-label={`${text('channelWithdraw')}: ${name}`}
            onPress={() => setWithdrawing(true)}
          >
            {text('channelWithdraw')}
          </Button>
        </p>
      )}
      {isWithdrawing && <Withdraw channelId={id} name={name} onClose={() => setWithdrawing(false)} />}
    </Card>
  );
}

interface WithdrawProps {
  readonly channelId: string;
  readonly name: string;
  readonly onClose: () => void;
}

/** Shows what taking an approval back closes before it is done. */
function Withdraw({ channelId, name, onClose }: WithdrawProps) {
  const params = { channelId };
  const preview = useAsk('previewChannelWithdrawal', { params });
  const refresh = useRefresh();
  const say = useSay();
  return (
    <Dialog title={text('channelWithdrawTitle', { name })} onClose={onClose}>
      <Loaded query={preview}>
        {({ recordings, recorded, upcoming }) => (
          <>
            <p>{text('channelWithdrawStops', { n: recordings })}</p>
            <ul>
              {recorded.map((lesson) => (
                <li key={lesson.id}>
                  {lesson.title}, {date(lesson.plannedStart)}
                </li>
              ))}
            </ul>
            <p>{text('channelWithdrawComing', { n: upcoming })}</p>
            <Form
              send={text('channelWithdraw')}
              tone="danger"
              more={<Button onPress={onClose}>{text('cancel')}</Button>}
              onSend={async (values) => {
                await ask('withdrawChannel', { params, body: { why: values.text('why') } });
                onClose();
                say(text('channelWithdrawn'));
                await refresh();
              }}
            >
              <TextArea label={text('channelWithdrawWhy')} name="why" required maxLength={500} />
            </Form>
          </>
        )}
      </Loaded>
    </Dialog>
  );
}

function ForceBadge({ from, until }: { readonly from: string; readonly until: string }) {
  const now = Date.now();
  if (Date.parse(until) <= now) return <Badge tone="bad">{text('assessmentOver')}</Badge>;
  if (Date.parse(from) > now) return <Badge tone="waits">{text('assessmentComing')}</Badge>;
  return <Badge tone="good">{text('assessmentInForce')}</Badge>;
}
