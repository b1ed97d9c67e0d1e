import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { Badge } from '../../parts/badge.tsx';
import { ActionButton } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Empty } from '../../parts/page.tsx';
import { label, text } from '../../words/current.ts';
import { dateTime, number } from '../../words/format.ts';

/** Machines elsewhere that take checks of recordings. */
export function RunnersCard() {
  const runners = useAsk('listRunners', {}, { everyMs: 5_000 });
  const refresh = useRefresh();
  const [invited, setInvited] = useState<{ token: string; expiresAt: string } | null>(null);
  const command = `npm run runner -- --server ${location.origin} --register ${invited?.token ?? ''}`;
  return (
    <Card title={text('runners')}>
      <p className="quiet">{text('runnersLead')}</p>
      <Loaded query={runners}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{text('runnersNone')}</Empty>
          ) : (
            <ul className="plain">
              {items.map(({ id, name, disabledAt, ...one }) => (
                <li key={id} className="row spread">
                  <span>
                    <strong>{name}</strong>{' '}
                    <span className="quiet">
                      {[
                        one.capabilities.map((capability) => label('runnerCapability', capability)).join(', '),
                        text('runnerSeen', { time: dateTime(one.lastSeenAt) }),
                        text('runnerCounts', { done: number(one.done), failed: number(one.failed) }),
                      ].join(' · ')}
                    </span>{' '}
                    {one.works !== null && (
                      <>
                        {text('runnerWorks')}{' '}
                        <Link to="/recordings/$recordingId" params={{ recordingId: one.works.recordingId }}>
                          {one.works.recordingId}
                        </Link>{' '}
                      </>
                    )}
                    {one.disabledWhy !== null && (
                      <Badge tone={one.disabledWhy === 'by_hand' ? 'plain' : 'bad'}>
                        {text('runnerDisabled', { why: label('runnerFault', one.disabledWhy) })}
                      </Badge>
                    )}
                    {disabledAt === null && one.isOutdated && <Badge tone="bad">{text('runnerOutdated')}</Badge>}
                  </span>
                  <span className="row">
                    <ActionButton
                      small
                      label={`${disabledAt === null ? text('runnerDisable') : text('runnerEnable')}: ${name}`}
                      onAct={async () => {
                        await ask('changeRunner', {
                          params: { runnerId: id },
                          body: { disabled: disabledAt === null },
                        });
                        await refresh();
                      }}
                    >
                      {disabledAt === null ? text('runnerDisable') : text('runnerEnable')}
                    </ActionButton>
                    <ActionButton
                      small
                      label={`${text('runnerRemove')}: ${name}`}
                      onAct={async () => {
                        await ask('removeRunner', { params: { runnerId: id } });
                        await refresh();
                      }}
                    >
                      {text('runnerRemove')}
                    </ActionButton>
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {invited !== null && (
        <div role="status">
          <Notice tone="good">
            <p>{text('runnerOnce', { time: dateTime(invited.expiresAt) })}</p>
            <div className="row">
              <code>{command}</code> <CopyButton text={command} />
            </div>
          </Notice>
        </div>
      )}
      <ActionButton
        onAct={async () => {
          setInvited(await ask('inviteRunner', {}));
        }}
      >
        {text('runnerAdd')}
      </ActionButton>
    </Card>
  );
}
