import { onlineManager, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { lastAnswerAt } from '../api/ask.ts';
import { Problem } from '../api/problem.ts';
import { Notice } from '../parts/notice.tsx';
import { text } from '../words/current.ts';
import { timeOfDay } from '../words/format.ts';

/** Says that there is no connection, and from when what is shown is. */
export function ConnectionBanner() {
  const isOnline = useSyncExternalStore(
    (changed) => onlineManager.subscribe(changed),
    () => onlineManager.isOnline(),
  );
  const isReached = useReached();
  if (isOnline && isReached) return null;
  return (
    <div role="status">
      <Notice tone="waits">
        {lastAnswerAt === null ? text('offlineNothing') : text('offline', { time: timeOfDay(lastAnswerAt) })}
      </Notice>
    </div>
  );
}

/** Whether the last thing that was asked for reached the server. */
function useReached(): boolean {
  const client = useQueryClient();
  const [isReached, setReached] = useState(true);
  useEffect(
    () =>
      client.getQueryCache().subscribe(({ type, query }) => {
        if (type !== 'updated') return;
        const { fetchFailureReason, status, fetchStatus } = query.state;
        if (fetchFailureReason instanceof Problem) setReached(fetchFailureReason.code !== 'NO_CONNECTION');
        else if (status === 'success' && fetchStatus === 'idle') setReached(true);
      }),
    [client],
  );
  return isReached;
}
