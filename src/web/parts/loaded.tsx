import type { UseInfiniteQueryResult, UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { text } from '../words/current.ts';
import { Button } from './button.tsx';
import { ProblemNotice } from './problem-notice.tsx';

interface LoadedProps<T> {
  readonly query: UseQueryResult<T> | UseInfiniteQueryResult<T>;
  readonly children: (value: T) => ReactNode;
}

/** Draws what was asked for; until it is there, and when it does not come, it says so. What was there before stays. */
export function Loaded<T>({ query, children }: LoadedProps<T>) {
  const { data, error, isPending } = query;
  const failed = error !== null && (
    <>
      <ProblemNotice error={error} stays />
      <Button small onPress={() => void query.refetch()}>
        {text('tryAgain')}
      </Button>
    </>
  );
  if (data === undefined)
    return isPending ? (
      <p className="quiet" aria-busy="true">
        {text('loading')}
      </p>
    ) : (
      failed
    );
  return (
    <>
      {failed}
      {children(data)}
    </>
  );
}
