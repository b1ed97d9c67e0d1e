import type { ReactNode } from 'react';
import { text } from '../words/current.ts';
import { ActionButton } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { Notice } from './notice.tsx';
import { Empty } from './page.tsx';

interface Token {
  readonly id: string;
  readonly name: string;
  readonly revokedAt: string | null;
}

/** The tokens that open something still, each with what is to be known of it and a way to end it. */
export function OpenTokens<Shown extends Token>({
  items,
  none,
  about,
  onRevoke,
}: {
  readonly items: readonly Shown[];
  readonly none: string;
  readonly about: (token: Shown) => ReactNode;
  readonly onRevoke: (id: string) => Promise<void>;
}) {
  const open = items.filter(({ revokedAt }) => revokedAt === null);
  if (open.length === 0) return <Empty>{none}</Empty>;
  return (
    <ul className="plain">
      {open.map((token) => (
        <li key={token.id} className="row spread">
          <span>
            {token.name} <small>{about(token)}</small>
          </span>
          <ActionButton small label={`${text('tokenRevoke')}: ${token.name}`} onAct={() => onRevoke(token.id)}>
            {text('tokenRevoke')}
          </ActionButton>
        </li>
      ))}
    </ul>
  );
}

/** A token that was made just now: it is shown here and never again. */
export function ShownOnce({ token }: { readonly token: string | null }) {
  if (token === null) return null;
  return (
    <div role="status">
      <Notice tone="good">
        <p>{text('tokenOnce')}</p>
        <div className="row">
          <code>{token}</code> <CopyButton text={token} />
        </div>
      </Notice>
    </div>
  );
}
