import type { Item } from '../../api/types.ts';
import { ActionButton } from '../../parts/button.tsx';
import { text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';
import { deviceOf } from './device-of.ts';

interface SessionListProps {
  readonly sessions: readonly Item<'listSessions'>[];
  readonly onEnd: (sessionId: string) => Promise<unknown>;
}

/** Open sessions, each with a button that ends it. */
export function SessionList({ sessions, onEnd }: SessionListProps) {
  return (
    <ul className="plain">
      {sessions.map(({ id, userAgent, createdAt, seenAt, current }) => (
        <li key={id} className="row spread">
          <span>
            {userAgent === null ? text('unknownDevice') : deviceOf(userAgent)}
            <br />
            <small>{text('sessionTimes', { from: dateTime(createdAt), seen: dateTime(seenAt) })}</small>
          </span>
          {current ? (
            <small>{text('thisSession')}</small>
          ) : (
            <ActionButton small onAct={() => onEnd(id)}>
              {text('endSession')}
            </ActionButton>
          )}
        </li>
      ))}
    </ul>
  );
}
