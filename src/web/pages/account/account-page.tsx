import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import { Problem } from '../../api/problem.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton, Button } from '../../parts/button.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Empty, Page } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { useSure } from '../../parts/sure.tsx';
import { hasPasskeys, makePasskey } from '../../shell/passkey.ts';
import { AccountName } from '../../shell/proof.tsx';
import { providerName } from '../../shell/provider.ts';
import { usePerson, useShell } from '../../shell/session.tsx';
import { count, text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';
import { BackupCodes } from '../entry/backup-codes.tsx';
import { SecondFactorSteps } from '../entry/second-factor-page.tsx';
import { SessionList } from './session-list.tsx';
import { TokensCard } from './tokens-card.tsx';

/** What a member of staff does with their own account: password, second factor, passkeys, sessions, tokens. */
export function AccountPage() {
  const { signedIn } = useShell();
  const { ofProvider, secondFactor } = usePerson();
  const [isReplacing, setReplacing] = useState(false);
  // Where the provider asks for both factors, none is kept here.
  const showsFactors = !ofProvider || secondFactor;
  if (isReplacing)
    return (
      <SecondFactorSteps
        onDone={async (session) => {
          await signedIn(session);
          setReplacing(false);
        }}
      />
    );
  return (
    <Page title={text('account')}>
      {ofProvider ? <ProviderCard /> : <PasswordCard />}
      {showsFactors && <FactorCard onReplace={() => setReplacing(true)} />}
      {showsFactors && hasPasskeys() && <PasskeysCard />}
      <SessionsCard />
      <TokensCard />
    </Page>
  );
}

function ProviderCard() {
  const name = providerName() ?? text('ofProvider');
  return (
    <Card title={name}>
      <p>{text('accountOfProvider', { name })}</p>
    </Card>
  );
}

function PasswordCard() {
  const say = useSay();
  const field = { type: 'password', required: true, maxLength: 128 };
  return (
    <Card title={text('changePassword')}>
      <Form
        send={text('changePassword')}
        clears
        onSend={async (values) => {
          const [password, newPassword] = [values.exact('password'), values.exact('newPassword')];
          if (newPassword !== values.exact('again')) throw new Problem({ title: text('passwordsDiffer') });
          await ask('changePassword', { body: { password, newPassword } });
          say(text('passwordChanged'));
        }}
      >
        <AccountName />
        <Field label={text('currentPassword')} name="password" autoComplete="current-password" {...field} />
        <Field
          label={text('newPassword')}
          hint={text('newPasswordHint')}
          name="newPassword"
          autoComplete="new-password"
          minLength={12}
          {...field}
        />
        <Field label={text('repeatPassword')} name="again" autoComplete="new-password" minLength={12} {...field} />
      </Form>
    </Card>
  );
}

function FactorCard({ onReplace }: { readonly onReplace: () => void }) {
  const factors = useAsk('getFactors', {});
  const refresh = useRefresh();
  const sure = useSure();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  return (
    <Card title={text('secondFactor')}>
      <Loaded query={factors}>
        {({ authenticator, passkeys, backupCodes }) => (
          <>
            <p>{authenticator ? text('authenticatorThere') : text('authenticatorNone')}</p>
            <p className="quiet">{count('backupCodesLeft', backupCodes)}</p>
            <div className="row">
              <Button onPress={onReplace}>
                {authenticator ? text('authenticatorReplace') : text('authenticatorSetUp')}
              </Button>
              {(authenticator || passkeys > 0) && (
                <ActionButton
                  onAct={async () => {
                    setCodes((await ask('renewBackupCodes', {})).backupCodes);
                    await refresh();
                  }}
                >
                  {text('backupCodesNew')}
                </ActionButton>
              )}
              {authenticator && (
                <ActionButton
                  onAct={async () => {
                    const title = text('authenticatorRemove');
                    if (!(await sure({ title, text: text('authenticatorRemoveText'), yes: text('remove') }))) return;
                    await ask('removeSecondFactor', {});
                    await refresh();
                  }}
                >
                  {text('authenticatorRemove')}
                </ActionButton>
              )}
            </div>
            {codes !== null && (
              <>
                <p>{text('backupCodesKeep')}</p>
                <BackupCodes codes={codes} />
              </>
            )}
          </>
        )}
      </Loaded>
    </Card>
  );
}

function PasskeysCard() {
  const passkeys = useAsk('listPasskeys', {});
  const refresh = useRefresh();
  const say = useSay();
  return (
    <Card title={text('passkeys')}>
      <p className="quiet">{text('passkeysLead')}</p>
      <Loaded query={passkeys}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty>{text('passkeysNone')}</Empty>
          ) : (
            <ul className="plain">
              {items.map(({ id, name, lastUsedAt, createdAt }) => (
                <li key={id} className="row spread">
                  <span>
                    {name}{' '}
                    <small>
                      {lastUsedAt === null
                        ? text('madeAt', { time: dateTime(createdAt) })
                        : text('usedAt', { time: dateTime(lastUsedAt) })}
                    </small>
                  </span>
                  <ActionButton
                    small
                    label={text('removeNamed', { name })}
                    onAct={async () => {
                      await ask('removePasskey', { params: { passkeyId: id } });
                      await refresh();
                    }}
                  >
                    {text('remove')}
                  </ActionButton>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <Form
        send={text('passkeyAdd')}
        tone="plain"
        clears
        onSend={async (values) => {
          await ask('addPasskey', { body: { answer: await makePasskey(), name: values.text('name') } });
          await refresh();
          say(text('passkeyAdded'));
        }}
      >
        <Field
          label={text('passkeyName')}
          name="name"
          placeholder={text('passkeyNameExample')}
          required
          maxLength={80}
        />
      </Form>
    </Card>
  );
}

function SessionsCard() {
  const sessions = useAsk('listSessions', {});
  const refresh = useRefresh();
  return (
    <Card title={text('sessions')}>
      <Loaded query={sessions}>
        {({ items }) => (
          <SessionList
            sessions={items}
            onEnd={async (sessionId) => {
              await ask('revokeSession', { params: { sessionId } });
              await refresh();
            }}
          />
        )}
      </Loaded>
    </Card>
  );
}
