import { useState } from 'react';
import { scopes } from '../../../domain/ids.ts';
import { ask } from '../../api/ask.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { Choices, Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card } from '../../parts/page.tsx';
import { OpenTokens, ShownOnce } from '../../parts/tokens.tsx';
import { label, text } from '../../words/current.ts';
import { date } from '../../words/format.ts';

/** Tokens with which a program works in somebody's name. */
export function TokensCard() {
  const tokens = useAsk('listTokens', {});
  const refresh = useRefresh();
  const [made, setMade] = useState<string | null>(null);
  return (
    <Card title={text('tokens')}>
      <p className="quiet">{text('tokensLead')}</p>
      <Loaded query={tokens}>
        {({ items }) => (
          <OpenTokens
            items={items}
            none={text('tokensNone')}
            about={({ scopes, expiresAt }) =>
              `${scopes.map((scope) => label('scope', scope)).join(', ')}, ${text('tokenEnds', { time: date(expiresAt) })}`
            }
            onRevoke={async (tokenId) => {
              await ask('revokeToken', { params: { tokenId } });
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
          const chosen = scopes.filter((scope) => values.all('scopes').includes(scope));
          const days = values.number('days') ?? 90;
          const { token } = await ask('createToken', { body: { name: values.text('name'), scopes: chosen, days } });
          setMade(token);
          await refresh();
        }}
      >
        <Field label={text('tokenName')} name="name" placeholder={text('tokenNameExample')} required maxLength={80} />
        <Choices
          legend={text('tokens')}
          name="scopes"
          options={scopes.map((scope) => [scope, label('scope', scope)])}
          chosen={scopes}
        />
        <Field label={text('tokenDays')} name="days" type="number" min={1} max={365} defaultValue={90} required />
      </Form>
    </Card>
  );
}
