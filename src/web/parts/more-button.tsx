import { text } from '../words/current.ts';
import { Button } from './button.tsx';

interface Pages {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  fetchNextPage(): Promise<unknown>;
}

/** Loads the next page of a list; draws nothing where the list is whole. */
export function MoreButton({ list }: { readonly list: Pages }) {
  if (!list.hasNextPage) return null;
  return (
    <p>
      <Button isBusy={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
        {text('showMore')}
      </Button>
    </p>
  );
}
