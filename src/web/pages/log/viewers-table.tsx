import type { Answer } from '../../api/types.ts';
import { Empty } from '../../parts/page.tsx';
import { exactClock } from '../../words/clock.ts';
import { text } from '../../words/current.ts';
import { dateTimeExact, number } from '../../words/format.ts';
import { actorName, type Names } from './entry.ts';
import { Table } from './table.tsx';

interface ViewersTableProps {
  readonly accesses: Answer<'readViewers'>['accesses'];
  readonly names: Names;
}

/** Everybody to whom something of a recording went, and which seconds. */
export function ViewersTable({ accesses, names }: ViewersTableProps) {
  if (accesses.length === 0) return <Empty>{text('nobodySaw')}</Empty>;
  return (
    <Table
      headings={[
        text('who'),
        text('firstTime'),
        text('lastTime'),
        text('whichSeconds'),
        text('exportsOf'),
        text('stillsOf'),
        text('documentsOf'),
      ]}
      rows={accesses.map(({ actor: { kind, id }, firstAt, lastAt, seconds, exports, stills, documents }) => [
        `${kind} ${id} ${firstAt}`,
        [
          actorName(id === null ? { kind } : { kind, id }, names),
          dateTimeExact(firstAt),
          dateTimeExact(lastAt),
          seconds.map(([from, until]) => `${clock(from)}–${clock(until)}`).join(', ') || '–',
          number(exports),
          number(stills),
          number(documents),
        ],
      ])}
    />
  );
}

const clock = (seconds: number) => exactClock(Math.round(seconds) * 1_000);
