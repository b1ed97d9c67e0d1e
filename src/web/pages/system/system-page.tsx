import { Link } from '@tanstack/react-router';
import { pausableKinds } from '../../../domain/job-kind.ts';
import { ask } from '../../api/ask.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { Badge } from '../../parts/badge.tsx';
import { ActionButton } from '../../parts/button.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Empty, Page } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { label, text } from '../../words/current.ts';
import { byteSize, dateTime, number } from '../../words/format.ts';
import { RunnersCard } from './runners-card.tsx';

/** How the installation is: its queue, mail, storage, keys, whether what is stored is whole, and its settings. */
export function SystemPage() {
  return (
    <Page title={text('system')}>
      <QueueCard />
      <RunnersCard />
      <MailStateCard />
      <IntegrityCard />
      <StorageCard />
      <KeysCard />
      <SettingsCard />
    </Page>
  );
}

function QueueCard() {
  const jobs = useAsk('listJobs', {}, { everyMs: 5_000 });
  const refresh = useRefresh();
  return (
    <Card title={text('queue')}>
      <p className="quiet">{text('queueLead')}</p>
      <Loaded query={jobs}>
        {({ items, kinds }) => {
          const failed = items.filter((job) => job.failed);
          const shown = kinds.filter((one) => one.waiting + one.running + one.failed > 0 || one.pausable);
          return (
            <>
              {shown.length === 0 && <Empty>{text('jobsNone')}</Empty>}
              <ul className="plain">
                {shown.map((one) => {
                  const jobKind = pausableKinds.find((kind) => kind === one.kind);
                  return (
                    <li key={one.kind} className="row spread">
                      <span>
                        <strong>{label('jobKind', one.kind)}</strong>{' '}
                        <span className="quiet">
                          {[
                            text('queueWaiting', { n: number(one.waiting) }),
                            text('queueRunning', { n: number(one.running) }),
                            one.oldest === null ? '' : text('queueOldest', { time: dateTime(one.oldest) }),
                            one.pausedAt === null ? '' : text('queuePaused', { time: dateTime(one.pausedAt) }),
                          ]
                            .filter((part) => part !== '')
                            .join(' · ')}
                        </span>{' '}
                        {one.failed > 0 && <Badge tone="bad">{text('queueFailed', { n: number(one.failed) })}</Badge>}
                      </span>
                      {jobKind !== undefined && (
                        <ActionButton
                          small
                          label={`${one.pausedAt === null ? text('queuePause') : text('queueResume')}: ${label('jobKind', one.kind)}`}
                          onAct={async () => {
                            await ask('pauseJobs', { params: { jobKind }, body: { paused: one.pausedAt === null } });
                            await refresh();
                          }}
                        >
                          {one.pausedAt === null ? text('queuePause') : text('queueResume')}
                        </ActionButton>
                      )}
                    </li>
                  );
                })}
              </ul>
              {failed.map((job) => (
                <Notice key={job.id} tone="bad">
                  <p>
                    <strong>{label('jobKind', job.task)}</strong> {text('jobFailed', { tries: job.attempts })}
                  </p>
                  {job.lastError !== null && <p>{job.lastError}</p>}
                  <ActionButton
                    small
                    onAct={async () => {
                      await ask('retryJob', { params: { jobId: job.id } });
                      await refresh();
                    }}
                  >
                    {text('jobRetry')}
                  </ActionButton>
                </Notice>
              ))}
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}

function MailStateCard() {
  const mail = useAsk('getMail', {}, { everyMs: 30_000 });
  return (
    <Card title={text('mailState')}>
      <Loaded query={mail}>
        {(shown) => (
          <>
            <p>
              {[
                shown.sendsMail ? '' : text('mailNone'),
                shown.sendsMail ? text(shown.readsBounces ? 'mailBounces' : 'mailNoBounces') : '',
                text('mailWaits', {
                  signers: number(shown.waitingForSigners),
                  staff: number(shown.waitingForStaff),
                }),
                shown.lastSent === null ? '' : text('mailLast', { time: dateTime(shown.lastSent) }),
                shown.testedAt === null ? '' : text('mailTested', { time: dateTime(shown.testedAt) }),
              ]
                .filter((part) => part !== '')
                .join(' ')}
            </p>
            {shown.undeliverable.count > 0 && (
              <>
                <h3>{text('undeliverable', { n: number(shown.undeliverable.count) })}</h3>
                <ul className="plain">
                  {shown.undeliverable.items.map((one) => (
                    <li key={`${one.person.id} ${one.since}`}>
                      <Link to="/people/$personId" params={{ personId: one.person.id }}>
                        {one.person.name}
                      </Link>{' '}
                      <span className="quiet">
                        {[one.address, dateTime(one.since), one.why].filter((part) => part !== null).join(' · ')}
                      </span>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </Loaded>
    </Card>
  );
}

function IntegrityCard() {
  const integrity = useAsk('getIntegrity', {}, { everyMs: 15_000 });
  const refresh = useRefresh();
  const say = useSay();
  return (
    <Card title={text('integrity')}>
      <p>{text('integrityLead')}</p>
      <Loaded query={integrity}>
        {({ objects, neverRead, scrub, faults }) => (
          <>
            <p>
              {text('integrityObjects', { n: number(objects), never: number(neverRead) })}{' '}
              {scrub === null
                ? text('scrubNever')
                : text(scrub.finishedAt === null ? 'scrubRuns' : 'scrubEnded', {
                    from: dateTime(scrub.startedAt),
                    n: number(scrub.objects),
                    size: byteSize(scrub.bytes),
                  })}
            </p>
            {faults.length > 0 && (
              <Notice tone="bad">
                <p>
                  <strong>{text('damaged', { n: number(faults.length) })}</strong>
                </p>
                <ul>
                  {faults.map(({ sealedId, recordingId, key, code, since }) => (
                    <li key={`${sealedId} ${code}`}>
                      {recordingId === null ? (
                        key
                      ) : (
                        <Link to="/recordings/$recordingId" params={{ recordingId }}>
                          {recordingId}
                        </Link>
                      )}{' '}
                      · {code} · {dateTime(since)}
                    </li>
                  ))}
                </ul>
              </Notice>
            )}
          </>
        )}
      </Loaded>
      <ActionButton
        onAct={async () => {
          await ask('startScrub', {});
          say(text('scrubBegun'));
          await refresh();
        }}
      >
        {text('scrubBegin')}
      </ActionButton>
    </Card>
  );
}

function StorageCard() {
  const storage = useAsk('getStorage', {});
  return (
    <Card title={text('storage')}>
      <Loaded query={storage}>
        {({ objects, bytes, items }) => (
          <>
            <p>{text('storageTotal', { objects: number(objects), size: byteSize(bytes) })}</p>
            <div className="scroll">
              <table>
                <thead>
                  <tr>
                    <th scope="col">{text('storageKind')}</th>
                    <th scope="col">{text('storageObjects')}</th>
                    <th scope="col">{text('size')}</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((one) => (
                    <tr key={one.kind}>
                      <th scope="row">{label('storageKind', one.kind)}</th>
                      <td className="numbers">{number(one.objects)}</td>
                      <td className="numbers">{byteSize(one.bytes)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        )}
      </Loaded>
    </Card>
  );
}

function KeysCard() {
  const keys = useAsk('listKeys', {});
  return (
    <Card title={text('keys')}>
      <p>{text('keysLead')}</p>
      <Loaded query={keys}>
        {({ items, rotation }) => (
          <>
            <p>{rotation.left === 0 ? text('keysNoneLeft') : text('keysLeft', { n: number(rotation.left) })}</p>
            <ul>
              {items.map((key) => (
                <li key={key.fingerprint}>
                  {text('keysOne', {
                    role: text(`keyRole_${key.role}`),
                    state: text(`keyState_${key.state}`),
                    from: dateTime(key.createdAt),
                    n: number(key.envelopes),
                  })}{' '}
                  <code>{key.fingerprint}</code>
                </li>
              ))}
            </ul>
          </>
        )}
      </Loaded>
    </Card>
  );
}

function SettingsCard() {
  const settings = useAsk('listSettings', {});
  return (
    <Card>
      <details>
        <summary>{text('settings')}</summary>
        <p className="quiet">{text('settingsLead')}</p>
        <Loaded query={settings}>
          {({ items }) => (
            <ul className="plain">
              {items.map(({ name, about, isSecret, isSet, value }) => (
                <li key={name}>
                  <code>{name}</code>:{' '}
                  <strong>{isSecret ? text(isSet ? 'settingSecret' : 'settingSecretNone') : (value ?? '–')}</strong>{' '}
                  {!isSecret && !isSet && <span className="quiet">{text('settingDefault')}</span>}
                  <br />
                  <span className="quiet" lang="en">
                    {about}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Loaded>
      </details>
    </Card>
  );
}
