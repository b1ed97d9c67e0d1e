import { Link } from '@tanstack/react-router';
import { clock } from '../../../domain/decision.ts';
import type { RecordingState } from '../../../domain/lifecycle.ts';
import type { Item } from '../../api/types.ts';
import { Badge, type BadgeTone } from '../../parts/badge.tsx';
import { Empty } from '../../parts/page.tsx';
import { count, label, text } from '../../words/current.ts';
import { byteSize, dateTime } from '../../words/format.ts';
import { CheckProgress } from './check-progress.tsx';

const tones: Partial<Record<RecordingState, BadgeTone>> = {
  released: 'good',
  approved: 'good',
  quarantined: 'bad',
  rejected: 'bad',
  in_review: 'waits',
  cleared: 'waits',
};

export function StateBadge({ state }: { readonly state: RecordingState }) {
  return <Badge tone={tones[state] ?? 'plain'}>{label('recordingState', state)}</Badge>;
}

/** The length of a recording, or a dash when nobody knows it. */
export const lengthText = (ms: number | null): string => (ms === null ? '–' : clock(ms));

interface RecordingListProps {
  readonly items: readonly Item<'listRecordings'>[];
  /** Said where there is none. */
  readonly none: string;
}

/** Recordings with their state in plain words, and who has to act next. */
export function RecordingList({ items, none }: RecordingListProps) {
  if (items.length === 0) return <Empty>{none}</Empty>;
  return (
    <ul className="plain">
      {items.map((item) => (
        <li key={item.id}>
          <div className="row spread">
            <strong>
              <Link to="/recordings/$recordingId" params={{ recordingId: item.id }}>
                {item.lessonTitle}
              </Link>
            </strong>
            <StateBadge state={item.state} />
          </div>
          <p className="quiet">
            {[
              item.fileName ?? text('unnamed'),
              lengthText(item.durationMs),
              byteSize(item.bytes),
              dateTime(item.createdAt),
            ].join(' · ')}
          </p>
          <p className="quiet">
            {text(`nextActor_${item.state}`)}
            {item.state === 'in_review' && item.openSegments > 0 && ` ${count('openSegments', item.openSegments)}.`}
          </p>
          <CheckProgress recording={item} />
        </li>
      ))}
    </ul>
  );
}
