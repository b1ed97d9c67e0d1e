import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { text } from '../../words/current.ts';
import type { Names, Shown } from './entry.ts';
import { EntryItem } from './entry-item.tsx';
import styles from './log.module.css';
import type { FilterName } from './log-filter.ts';
import { logText } from './log-text.ts';
import type { LogPage } from './use-log.ts';

interface EntryListProps {
  readonly pages: readonly LogPage[];
  readonly names: Names;
  readonly more: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly isFetchNextPageError: boolean;
    fetchNextPage(): Promise<unknown>;
  };
  readonly onNarrow: (name: FilterName, value: string) => void;
  readonly onViewers: (recordingId: string) => void;
}

/** Draws only the entries in sight, however many are loaded; older ones come when the end of the list does. */
export function EntryList({ pages, names, more, onNarrow, onViewers }: EntryListProps) {
  const rows = useMemo(() => pages.flatMap(rowsOf), [pages]);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const list = useRef<HTMLOListElement>(null);
  const [top, setTop] = useState(0);
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = more;
  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => 92,
    overscan: 8,
    scrollMargin: top,
    getItemKey: (index) => rows[index]?.shown.seq ?? index,
  });
  // What stands above the list opens and closes.
  useEffect(() => {
    const measure = () => setTop((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    const watcher = new ResizeObserver(measure);
    watcher.observe(document.body);
    measure();
    return () => watcher.disconnect();
  }, []);
  const items = virtual.getVirtualItems();
  const isAtEnd = (items.at(-1)?.index ?? -1) >= rows.length - 1;
  useEffect(() => {
    const isScrolled = window.scrollY > 0;
    if (isAtEnd && isScrolled && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [isAtEnd, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  return (
    <>
      <ol ref={list} className={styles.list} aria-label={logText('list')} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const row = rows[index];
          return (
            row !== undefined && (
              <li
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                aria-posinset={index + 1}
                aria-setsize={hasNextPage ? -1 : rows.length}
                className={styles.place}
                style={{ transform: `translateY(${start - virtual.options.scrollMargin}px)` }}
              >
                <EntryItem
                  shown={row.shown}
                  isVerified={row.isVerified}
                  names={names}
                  isOpen={open.has(row.shown.seq)}
                  onOpen={(isOpen) => setOpen((before) => toggled(before, row.shown.seq, isOpen))}
                  onNarrow={onNarrow}
                  onViewers={onViewers}
                />
              </li>
            )
          );
        })}
      </ol>
      {hasNextPage && (
        <p>
          <Button isBusy={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            {text('older')}
          </Button>{' '}
          {isFetchNextPageError && <Badge tone="bad">{text('noConnection')}</Badge>}
        </p>
      )}
    </>
  );
}

interface Row {
  readonly shown: Shown;
  readonly isVerified: boolean;
}

/** An entry is verified where neither it nor the state of the log that it was read at has a fault. */
function rowsOf({ entries, checked: { faults } }: LogPage): Row[] {
  const broken = new Set(faults.map((fault) => ('seq' in fault ? fault.seq : null)));
  return entries.map((shown) => ({ shown, isVerified: !broken.has(null) && !broken.has(shown.seq) }));
}

function toggled(before: ReadonlySet<number>, seq: number, isOpen: boolean): ReadonlySet<number> {
  if (before.has(seq) === isOpen) return before;
  const next = new Set(before);
  if (isOpen) next.add(seq);
  else next.delete(seq);
  return next;
}
