import { useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Empty, Page } from '../../parts/page.tsx';
import { text } from '../../words/current.ts';
import { number } from '../../words/format.ts';
import { AnchorsCard } from './anchors-card.tsx';
import { DropCard } from './drop-card.tsx';
import { namesIn } from './entry.ts';
import { EntryList } from './entry-list.tsx';
import { FilterCard } from './filter-card.tsx';
import { FilterChips } from './filter-chips.tsx';
import { type LogFilter, readFilter } from './log-filter.ts';
import { logText } from './log-text.ts';
import { ProofLine } from './proof-line.tsx';
import { QuestionsCard } from './questions-card.tsx';
import { TakeCard } from './take-card.tsx';
import { useLog } from './use-log.ts';

/** The log, newest first. The filter is in the address; what is shown was checked in this browser. */
export function LogPage() {
  const search = useSearch({ from: '/log' });
  const filter = useMemo(() => readFilter(search), [search]);
  const navigate = useNavigate({ from: '/log' });
  const client = useQueryClient();
  const [viewersOf, askViewers] = useState<string | null>(null);
  const log = useLog(filter);
  const pages = log.data?.pages ?? [];
  const names = useMemo(() => namesIn(pages.flatMap(({ persons }) => persons)), [pages]);
  const show = (next: LogFilter) => void navigate({ search: next });
  return (
    <Page title={text('log')} lead={text('logLead')}>
      <p className="quiet">{logText('noMedia')}</p>
      <QuestionsCard viewersOf={viewersOf} onViewers={askViewers} />
      <TakeCard filter={filter} />
      <DropCard />
      <AnchorsCard />
      <FilterCard filter={filter} onShow={show} />
      <FilterChips filter={filter} names={names} onShow={show} />
      <Loaded query={log}>
        {() => {
          const shown = pages.reduce((sum, { entries }) => sum + entries.length, 0);
          return (
            <>
              <ProofLine checked={pages.map(({ checked }) => checked)} />
              <div className="row spread">
                <span className="quiet" role="status">
                  {logText('shown', { n: number(shown) })}
                </span>
                <Button small onPress={() => void client.resetQueries({ queryKey: ['readAudit', filter, 'list'] })}>
                  {text('newest')}
                </Button>
              </div>
              {shown === 0 ? (
                <Card>
                  <Empty>{text('noEntries')}</Empty>
                </Card>
              ) : (
                <EntryList
                  pages={pages}
                  names={names}
                  more={log}
                  onNarrow={(name, value) => show({ ...filter, [name]: value })}
                  onViewers={askViewers}
                />
              )}
            </>
          );
        }}
      </Loaded>
    </Page>
  );
}
