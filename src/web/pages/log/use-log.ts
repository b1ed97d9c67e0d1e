import { type InfiniteData, type UseInfiniteQueryResult, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { ask } from '../../api/ask.ts';
import type { Answer, Asked } from '../../api/types.ts';
import { type Checked, checkAnswer } from '../../proofs/check-answer.ts';
import { readSeen } from '../../proofs/seen.ts';
import { entriesOf, type LogFilter } from './log-filter.ts';

/** An answer of the log, and what this browser found when it checked it. */
export type Proven<T> = T & { readonly checked: Checked };
export type LogPage = Proven<Answer<'readAudit'>>;

const pageSize = 100;
/** An answer stays: to ask again is an entry of the log too, and everything would move. */
const stays = { staleTime: Number.POSITIVE_INFINITY, refetchOnReconnect: false, refetchOnWindowFocus: false } as const;

/** The log, newest first, page by page; each page is checked before it is shown. */
export function useLog(filter: LogFilter): UseInfiniteQueryResult<InfiniteData<LogPage>> {
  const isWhole = entriesOf(filter).length === 0;
  return useInfiniteQuery({
    ...stays,
    queryKey: ['readAudit', filter, 'list'],
    queryFn: async ({ pageParam, signal }): Promise<LogPage> => {
      const seenBefore = readSeen();
      const cursor = pageParam === null ? {} : { cursor: pageParam.cursor };
      const page = await ask('readAudit', { query: { ...filter, ...cursor, limit: pageSize } }, signal);
      const expected = isWhole ? (pageParam === null ? 'newest' : pageParam.below - 1) : null;
      return { ...page, checked: await checkAnswer(page, { seenBefore, expected }) };
    },
    initialPageParam: null as { readonly cursor: string; readonly below: number } | null,
    getNextPageParam: ({ next, entries }) => (next === null ? null : { cursor: next, below: entries.at(-1)?.seq ?? 0 }),
  });
}

type Question = 'readViewers' | 'readParticipant' | 'readAnomalies';

/** Another question to the log; its answer is checked as far as it has entries and a checkpoint. */
export function useQuestion<Id extends Question>(id: Id, asked: Asked<Id> | null) {
  return useQuery({
    ...stays,
    queryKey: [id, asked],
    enabled: asked !== null,
    queryFn: async ({ signal }): Promise<Proven<Answer<Id>>> => {
      if (asked === null) throw new Error('nothing was asked');
      const seenBefore = readSeen();
      const answer = await ask(id, asked, signal);
      const { checkpoint, entries = [] } = answer as Pick<LogPage, 'checkpoint'> & Partial<Pick<LogPage, 'entries'>>;
      const checked = await checkAnswer({ checkpoint, entries }, { seenBefore, expected: null });
      return { ...(answer as object), checked } as Proven<Answer<Id>>;
    },
  });
}
