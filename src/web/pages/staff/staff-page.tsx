import { useState } from 'react';
import { schoolRoles } from '../../../domain/ids.ts';
import { ask } from '../../api/ask.ts';
import type { Item } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton, Button } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { Choices, Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { useSure } from '../../parts/sure.tsx';
import { providerName, signsInLocally } from '../../shell/provider.ts';
import { usePerson } from '../../shell/session.tsx';
import { label, text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';
import { SessionList } from '../account/session-list.tsx';
import { ProvisioningCard } from './provisioning-card.tsx';

/** A link that is shown once, to be handed over. */
interface Handed {
  readonly says: string;
  readonly url: string | null;
}

/** Accounts, invitations and second factors, for administrators. */
export function StaffPage() {
  const staff = useAsk('listStaff', {});
  const invitations = useAsk('listInvitations', {});
  const resets = useAsk('listFactorResets', {});
  const refresh = useRefresh();
  const [handed, setHanded] = useState<Handed | null>(null);
  const open = (invitations.data?.items ?? []).filter(
    ({ acceptedAt, revokedAt }) => acceptedAt === null && revokedAt === null,
  );
  return (
    <Page title={text('staff')}>
      <div role="status">
        {handed !== null && (
          <Notice tone="good">
            <p>{handed.says}</p>
            {handed.url !== null && (
              <div className="row">
                <code>{handed.url}</code> <CopyButton text={handed.url} />
              </div>
            )}
          </Notice>
        )}
      </div>
      {(resets.data?.items ?? []).map((reset) => (
        <ResetNotice key={reset.id} reset={reset} />
      ))}
      <Card>
        <Loaded query={staff}>
          {({ items }) => (
            <ul className="plain">
              {items.map((one) => (
                <Member key={one.id} member={one} onHanded={setHanded} />
              ))}
            </ul>
          )}
        </Loaded>
      </Card>
      {open.length > 0 && (
        <Card title={text('openInvitations')}>
          <ul className="plain">
            {open.map((one) => (
              <li key={one.id} className="row spread">
                <span>
                  {one.name} · {one.email} <small>{text('untilTime', { time: dateTime(one.expiresAt) })}</small>
                </span>
                <ActionButton
                  small
                  label={`${text('revoke')}: ${one.name}`}
                  onAct={async () => {
                    await ask('revokeInvitation', { params: { invitationId: one.id } });
                    await refresh();
                  }}
                >
                  {text('revoke')}
                </ActionButton>
              </li>
            ))}
          </ul>
        </Card>
      )}
      {signsInLocally() && <InviteCard onHanded={setHanded} />}
      {providerName() !== null && <ProvisioningCard />}
    </Page>
  );
}

interface MemberProps {
  readonly member: Item<'listStaff'>;
  readonly onHanded: (handed: Handed) => void;
}

function Member({ member, onHanded }: MemberProps) {
  const me = usePerson();
  const refresh = useRefresh();
  const sure = useSure();
  const [open, setOpen] = useState<'sessions' | 'roles' | null>(null);
  const { id, name, email, roles, secondFactor, disabledAt, ofProvider, rolesOfProvider, isEmergency } = member;
  const params = { userId: id };
  return (
    <li>
      <strong>{name}</strong> · {email}
      <p className="quiet">
        {[
          roles.map((role) => label('staffRole', role)).join(', '),
          ...(ofProvider && !secondFactor ? [] : [secondFactor ? text('hasSecondFactor') : text('hasNoSecondFactor')]),
          ...(isEmergency ? [text('isEmergency')] : []),
          ...(ofProvider ? [text('ofProvider')] : []),
          ...(rolesOfProvider ? [text('rolesOfProvider')] : []),
          ...(disabledAt === null ? [] : [text('accountDisabled')]),
        ].join(' · ')}
      </p>
      {id !== me.id && !isEmergency && (
        <div className="row">
          {!rolesOfProvider && (
            <Button small onPress={() => setOpen('roles')} aria-label={text('changeRolesOf', { name })}>
              {text('changeRoles')}
            </Button>
          )}
          <Button small onPress={() => setOpen('sessions')} aria-label={`${text('sessions')}: ${name}`}>
            {text('sessions')}
          </Button>
          {disabledAt === null && !ofProvider && (
            <ActionButton
              small
              label={`${text('sendNewPassword')}: ${name}`}
              onAct={async () => {
                const { url } = await ask('sendPasswordReset', { params });
                const says = url === null ? text('passwordLinkSent', { name }) : text('passwordLinkByHand', { name });
                onHanded({ says, url });
              }}
            >
              {text('sendNewPassword')}
            </ActionButton>
          )}
          {secondFactor && (
            <ActionButton
              small
              label={`${text('resetFactor')}: ${name}`}
              onAct={async () => {
                const question = { title: text('resetFactor'), text: text('resetFactorText', { name }) };
                if (!(await sure({ ...question, yes: text('askForIt'), isDangerous: false }))) return;
                await ask('askForFactorReset', { params });
                await refresh();
              }}
            >
              {text('resetFactor')}
            </ActionButton>
          )}
          <ActionButton
            small
            label={`${disabledAt === null ? text('disableAccount') : text('enableAccount')}: ${name}`}
            onAct={async () => {
              const question = { title: text('disableAccount'), text: text('disableAccountText', { name }) };
              if (disabledAt === null && !(await sure({ ...question, yes: text('disableAccount') }))) return;
              await ask('changeStaff', { params, body: { disabled: disabledAt === null } });
              await refresh();
            }}
          >
            {disabledAt === null ? text('disableAccount') : text('enableAccount')}
          </ActionButton>
        </div>
      )}
      {open === 'sessions' && <SessionsDialog userId={id} name={name} onClose={() => setOpen(null)} />}
      {open === 'roles' && (
        <Dialog title={text('changeRolesOf', { name })} onClose={() => setOpen(null)}>
          <Form
            send={text('save')}
            more={<Button onPress={() => setOpen(null)}>{text('cancel')}</Button>}
            onSend={async (values) => {
              const chosen = schoolRoles.filter((role) => values.all('roles').includes(role));
              // The operator's to give and to take.
              const kept = roles.filter((role) => role === 'authority');
              await ask('changeStaff', { params, body: { roles: [...chosen, ...kept] } });
              setOpen(null);
              await refresh();
            }}
          >
            <RoleChoices chosen={roles} />
          </Form>
        </Dialog>
      )}
    </li>
  );
}

function RoleChoices({ chosen = [] }: { readonly chosen?: readonly string[] }) {
  return (
    <Choices
      legend={text('rolesOf')}
      name="roles"
      options={schoolRoles.map((role) => [role, label('staffRole', role)] as const)}
      chosen={chosen}
    />
  );
}

interface SessionsDialogProps {
  readonly userId: string;
  readonly name: string;
  readonly onClose: () => void;
}

function SessionsDialog({ userId, name, onClose }: SessionsDialogProps) {
  const params = { userId };
  const sessions = useAsk('listSessionsOf', { params });
  const refresh = useRefresh();
  const say = useSay();
  return (
    <Dialog title={`${text('sessions')}: ${name}`} onClose={onClose} wide>
      <Loaded query={sessions}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">{text('noSessions')}</p>
          ) : (
            <>
              <SessionList
                sessions={items}
                onEnd={async (sessionId) => {
                  await ask('endSessionOf', { params: { userId, sessionId } });
                  await refresh();
                }}
              />
              <div className="row">
                <ActionButton
                  tone="danger"
                  onAct={async () => {
                    await ask('endSessionsOf', { params });
                    say(text('sessionsEnded'));
                    await refresh();
                  }}
                >
                  {text('endAllSessions')}
                </ActionButton>
              </div>
            </>
          )
        }
      </Loaded>
      <Button onPress={onClose}>{text('close')}</Button>
    </Dialog>
  );
}

function ResetNotice({ reset }: { readonly reset: Item<'listFactorResets'> }) {
  const me = usePerson();
  const refresh = useRefresh();
  const { id, userId, requestedById, requestedAt, user } = reset;
  const params = { resetId: id };
  const isMine = requestedById === me.id || userId === me.id;
  return (
    <Notice tone="waits">
      <p>{text('factorResetWaits', { name: user.name, time: dateTime(requestedAt) })}</p>
      <p className="quiet">{isMine ? text('factorResetOther') : text('factorResetAskFirst', { name: user.name })}</p>
      <div className="row">
        {!isMine && (
          <ActionButton
            tone="danger"
            onAct={async () => {
              await ask('confirmFactorReset', { params });
              await refresh();
            }}
          >
            {text('factorResetConfirm')}
          </ActionButton>
        )}
        <ActionButton
          onAct={async () => {
            await ask('cancelFactorReset', { params });
            await refresh();
          }}
        >
          {text('factorResetCancel')}
        </ActionButton>
      </div>
    </Notice>
  );
}

function InviteCard({ onHanded }: { readonly onHanded: (handed: Handed) => void }) {
  const refresh = useRefresh();
  return (
    <Card title={text('invite')}>
      <Form
        draft="invitation"
        send={text('invite')}
        clears
        onSend={async (values) => {
          const roles = schoolRoles.filter((role) => values.all('roles').includes(role));
          const body = { email: values.text('email'), name: values.text('name'), roles };
          const { name, token } = await ask('invite', { body });
          onHanded({ says: text('invited', { name }), url: `${location.origin}/#invitation=${token}` });
          await refresh();
          scrollTo({ top: 0 });
        }}
      >
        <Field label={text('email')} name="email" type="email" autoComplete="off" required maxLength={254} />
        <Field label={text('fullName')} name="name" autoComplete="off" required maxLength={120} />
        <RoleChoices />
      </Form>
    </Card>
  );
}
