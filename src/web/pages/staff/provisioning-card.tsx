import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card } from '../../parts/page.tsx';
import { OpenTokens, ShownOnce } from '../../parts/tokens.tsx';
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
        {({ items }) => (
          <OpenTokens
            items={items}
            none={text('provisioningNone')}
            about={({ createdAt, lastUsedAt }) =>
              lastUsedAt === null
                ? text('madeAt', { time: dateTime(createdAt) })
                : text('usedAt', { time: dateTime(lastUsedAt) })
            }
            onRevoke={async (tokenId) => {
              await ask('revokeScimToken', { params: { tokenId } });
              await refresh();
            }}
          />
        )}
      </Loaded>
      <ShownOnce token={made} />
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
