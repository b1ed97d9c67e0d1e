import { ask } from '../../api/ask.ts';
import type { Item } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { Badge } from '../../parts/badge.tsx';
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

function ChannelCard({ channel: { id, name, approved, assessments } }: { readonly channel: Channel }) {
  const person = usePerson();
  const refresh = useRefresh();
  const say = useSay();
  return (
    <Card
      title={name}
      actions={
        <Badge tone={approved ? 'good' : 'bad'}>
          {approved ? text('channelApproved') : text('channelNotApproved')}
        </Badge>
      }
    >
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
    </Card>
  );
}

function ForceBadge({ from, until }: { readonly from: string; readonly until: string }) {
  const now = Date.now();
  if (Date.parse(until) <= now) return <Badge tone="bad">{text('assessmentOver')}</Badge>;
  if (Date.parse(from) > now) return <Badge tone="waits">{text('assessmentComing')}</Badge>;
  return <Badge tone="good">{text('assessmentInForce')}</Badge>;
}
