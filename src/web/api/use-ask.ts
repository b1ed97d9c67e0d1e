import {
  type InfiniteData,
  keepPreviousData,
  QueryClient,
  type UseInfiniteQueryResult,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { ask } from './ask.ts';
import { Problem } from './problem.ts';
import type { Answer, Asked, Item, LookId } from './types.ts';

/** Tries again what may pass by itself, up to three times, at growing distances and as the server asks. */
export const makeQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2_000,
        retry: (failures, error) => failures < 3 && error instanceof Problem && error.isPassing,
        retryDelay: (failures, error) =>
          error instanceof Problem && error.retryAfter !== null
            ? error.retryAfter * 1_000
            : Math.min(1_000 * 2 ** failures, 15_000),
      },
    },
  });

interface Look {
  /** Asks again after so many milliseconds, as long as the page is in sight. */
  readonly everyMs?: number | false;
  readonly isOff?: boolean;
}

/** What a route answers, kept for the page and asked again when somebody comes back to it. */
export function useAsk<Id extends LookId>(
  id: Id,
  asked: Asked<Id>,
  { everyMs = false, isOff = false }: Look = {},
): UseQueryResult<Answer<Id>> {
  return useQuery({
    queryKey: [id, asked],
    queryFn: ({ signal }) => ask(id, asked, signal),
    refetchInterval: everyMs,
    enabled: !isOff,
    placeholderData: keepPreviousData,
  }) as UseQueryResult<Answer<Id>>;
}

/** A list that comes in pages: `next` of an answer is the cursor of the following one. */
export function useList<Id extends LookId>(
  id: Id,
  asked: Asked<Id>,
  { everyMs = false }: Pick<Look, 'everyMs'> = {},
): UseInfiniteQueryResult<InfiniteData<Answer<Id>>> & { readonly items: readonly Item<Id>[] } {
  const list = useInfiniteQuery({
    queryKey: [id, asked, 'list'],
    queryFn: ({ pageParam, signal }) => {
      const { query = {}, ...rest } = asked as { query?: object };
      const cursor = pageParam === null ? {} : { cursor: pageParam };
      return ask(id, { ...rest, query: { ...query, ...cursor } } as Asked<Id>, signal);
    },
    refetchInterval: everyMs,
    initialPageParam: null as string | null,
    getNextPageParam: (last: Answer<Id>) => (last as { next?: string | null } | null)?.next ?? null,
    placeholderData: keepPreviousData,
  });
  const items = (list.data?.pages ?? []).flatMap((page) => (page as { items: Item<Id>[] }).items);
  return { ...list, items } as UseInfiniteQueryResult<InfiniteData<Answer<Id>>> & {
    readonly items: readonly Item<Id>[];
  };
}

/** After something was changed: asks for everything that is shown again. Resolves when it is there. */
export function useRefresh(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries();
}
