import { useState } from 'react';
import { scopes } from '../../../domain/ids.ts';
import { ask } from '../../api/ask.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Choices, Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Empty } from '../../parts/page.tsx';
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
        {({ items }) => {
          const open = items.filter(({ revokedAt }) => revokedAt === null);
          return open.length === 0 ? (
            <Empty>{text('tokensNone')}</Empty>
          ) : (
            <ul className="plain">
              {open.map(({ id, name, scopes, expiresAt }) => (
                <li key={id} className="row spread">
                  <span>
                    {name}{' '}
                    <small>
                      {scopes.map((scope) => label('scope', scope)).join(', ')},{' '}
                      {text('tokenEnds', { time: date(expiresAt) })}
                    </small>
                  </span>
                  <ActionButton
                    small
                    label={`${text('tokenRevoke')}: ${name}`}
                    onAct={async () => {
                      await ask('revokeToken', { params: { tokenId: id } });
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
