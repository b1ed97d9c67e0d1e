import { useState } from 'react';
import { type Audience, audiences } from '../../../domain/permission.ts';
import { ask } from '../../api/ask.ts';
import type { Item } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Field, Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card } from '../../parts/page.tsx';
import { useSure } from '../../parts/sure.tsx';
import { usePerson } from '../../shell/session.tsx';
import { label, text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';
import { dayIn } from '../retention/days.ts';
import type { Recording } from './recording.ts';

type Release = NonNullable<Recording['release']>;

/** The last moment of a day that somebody chose, in the time zone of this device. */
const endOf = (day: string): string => new Date(`${day}T23:59:59`).toISOString();

/** Releases what is approved; shows and ends a release, and its personal links. */
export function ReleaseCards({ recording }: { readonly recording: Recording }) {
  const person = usePerson();
  const { state, release, rendition } = recording;
  if (person.has('administrator') && state === 'approved')
    return (
      <Card title={text('releaseTitle')}>
        {rendition?.state === 'ready' ? <ReleaseForm recording={recording} /> : <p>{text('releaseWaits')}</p>}
      </Card>
    );
  if (person.has('administrator', 'teacher') && state === 'released' && release !== null)
    return <ReleasedCard release={release} />;
  return null;
}

function ReleaseForm({ recording: { id, lessonId } }: { readonly recording: Recording }) {
  const refresh = useRefresh();
  const [audience, setAudience] = useState<Audience | null>(null);
  const gate = useAsk(
    'getGate',
    { params: { lessonId }, query: audience === null ? {} : { audience } },
    { isOff: audience === null },
  );
  const now = audience === null || gate.isPlaceholderData ? null : (gate.data ?? null);
  return (
    <Form
      className="fields"
      send={text('release')}
      onSend={async (values) => {
        if (audience === null) return;
        await ask('releaseRecording', {
          params: { recordingId: id },
          body: { audience, endsAt: endOf(values.text('until')) },
        });
        await refresh();
      }}
    >
      <Select
        label={text('audience')}
        required
        value={audience ?? ''}
        onChange={({ target }) => setAudience(audiences.find((one) => one === target.value) ?? null)}
        options={[['', text('chooseDecision')], ...audiences.map((one) => [one, label('audience', one)] as const)]}
      />
      <Field label={text('endDate')} name="until" type="date" required min={dayIn(0)} defaultValue={dayIn(30)} />
      <div className="whole" aria-live="polite">
        {now !== null &&
          (now.holds ? (
            <Notice tone="good">{text('releaseAllowed')}</Notice>
          ) : (
            <Notice tone="bad">
              <p>
                <strong>{text('releaseBlocked')}</strong>
              </p>
              <ul>
                {now.reasons.map((reason) => (
                  <li key={reason.text}>{reason.text}</li>
                ))}
              </ul>
            </Notice>
          ))}
      </div>
    </Form>
  );
}

function ReleasedCard({ release }: { readonly release: Release }) {
  const person = usePerson();
  const refresh = useRefresh();
  const sure = useSure();
  const { id, audience, endsAt } = release;
  return (
    <Card title={text('releaseTitle')}>
      <p>{text('releasedTo', { audience: label('audience', audience), until: dateTime(endsAt) })}</p>
      {person.has('administrator') && (
        <ActionButton
          tone="danger"
          onAct={async () => {
            const question = { title: text('endReleaseAsk'), text: text('endReleaseText'), yes: text('endRelease') };
            if (!(await sure(question))) return;
            await ask('endRelease', { params: { releaseId: id } });
            await refresh();
          }}
        >
          {text('endRelease')}
        </ActionButton>
      )}
      <Links release={release} />
    </Card>
  );
}

function Links({ release: { id, endsAt } }: { readonly release: Release }) {
  const links = useAsk('listLinks', { params: { releaseId: id } });
  const refresh = useRefresh();
  const [made, setMade] = useState<{ name: string; url: string } | null>(null);
  return (
    <>
      <h3>{text('links')}</h3>
      <Loaded query={links}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">{text('noLinks')}</p>
          ) : (
            <ul className="plain">
              {items.map((link) => (
                <LinkItem key={link.id} link={link} onRevoked={() => setMade(null)} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <div aria-live="polite">
        {made !== null && (
          <Notice tone="good">
            <p>{text('newLink', { name: made.name })}</p>
            <Field label={text('linkAddress')} value={made.url} readOnly onFocus={({ target }) => target.select()} />
            <CopyButton text={made.url} />
          </Notice>
        )}
      </div>
      <Form
        className="fields"
        send={text('createLink')}
        tone="plain"
        clears
        onSend={async (values) => {
          const [viewerName, until] = [values.text('viewerName'), values.text('until')];
          const { url } = await ask('createLink', {
            params: { releaseId: id },
            body: { viewerName, ...(until === '' ? {} : { expiresAt: endOf(until) }) },
          });
          setMade({ name: viewerName, url });
          await refresh();
        }}
      >
        <Field label={text('viewerName')} name="viewerName" required maxLength={200} autoComplete="off" />
        <Field
          label={text('linkUntil')}
          name="until"
          type="date"
          min={dayIn(0)}
          max={new Date(endsAt).toLocaleDateString('sv')}
        />
      </Form>
    </>
  );
}

interface LinkItemProps {
  readonly link: Item<'listLinks'>;
  readonly onRevoked: () => void;
}

function LinkItem({ link: { id, viewerName, expiresAt, revokedAt }, onRevoked }: LinkItemProps) {
  const refresh = useRefresh();
  const sure = useSure();
  const isOver = Date.parse(expiresAt) <= Date.now();
  return (
    <li className="row spread">
      <span>
        <strong>{viewerName}</strong>{' '}
        <span className="quiet">
          {revokedAt !== null
            ? text('linkRevoked')
            : isOver
              ? text('linkOver')
              : text('linkValid', { until: dateTime(expiresAt) })}
        </span>
      </span>
      {revokedAt === null && !isOver && (
        <ActionButton
          small
          tone="danger"
          label={`${text('revoke')}: ${viewerName}`}
          onAct={async () => {
            const question = { title: text('revokeAsk', { name: viewerName }), text: text('revokeText') };
            if (!(await sure({ ...question, yes: text('revoke') }))) return;
            await ask('revokeLink', { params: { linkId: id } });
            onRevoked();
            await refresh();
          }}
        >
          {text('revoke')}
        </ActionButton>
      )}
    </li>
  );
}
