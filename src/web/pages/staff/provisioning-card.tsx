import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Empty } from '../../parts/page.tsx';
import { text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';

/** The provider’s tokens for provisioning the staff of this school. */
export function ProvisioningCard() {
  const tokens = useAsk('listScimTokens', {});
  const refresh = useRefresh();
  const [made, setMade] = useState<string | null>(null);
  const address = `${location.origin}/scim/v2`;
  return (
    <Card title={text('provisioning')}>
      <p className="quiet">{text('provisioningLead')}</p>
      <p className="row">
        <code>{address}</code> <CopyButton text={address} />
      </p>
      <Loaded query={tokens}>
        {({ items }) => {
          const open = items.filter(({ revokedAt }) => revokedAt === null);
          return open.length === 0 ? (
            <Empty>{text('provisioningNone')}</Empty>
          ) : (
            <ul className="plain">
              {open.map(({ id, name, createdAt, lastUsedAt }) => (
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
                    label={`${text('tokenRevoke')}: ${name}`}
                    onAct={async () => {
                      await ask('revokeScimToken', { params: { tokenId: id } });
                      await refresh();
                    }}
                  >
                    {text('tokenRevoke')}
                  </ActionButton>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
      {made !== null && (
        <div role="status">
          <Notice tone="good">
            <p>{text('tokenOnce')}</p>
            <div className="row">
              <code>{made}</code> <CopyButton text={made} />
            </div>
          </Notice>
        </div>
      )}
      <Form
        send={text('tokenMake')}
        tone="plain"
        clears
        onSend={async (values) => {
          setMade((await ask('createScimToken', { body: { name: values.text('name') } })).token);
          await refresh();
        }}
      >
        <Field label={text('tokenName')} name="name" required maxLength={80} />
      </Form>
    </Card>
  );
}
