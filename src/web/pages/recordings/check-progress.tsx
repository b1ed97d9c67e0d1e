import { clock } from '../../../domain/decision.ts';
import type { Item } from '../../api/types.ts';
import { Notice } from '../../parts/notice.tsx';
import { text } from '../../words/current.ts';

/** How far the check for third-party material is; nothing when it is done. */
export function CheckProgress({ recording }: { readonly recording: Item<'listRecordings'> }) {
  const { check, durationMs, state } = recording;
  if (check.state === 'done' || ['rejected', 'expired', 'erased'].includes(state)) return null;
  const isKnown = check.state === 'running' && check.doneMs !== null && durationMs !== null && durationMs > 0;
  return (
    <div>
      <span>
        {text('checkTitle')}:{' '}
        {isKnown
          ? text('check_running', { done: clock(check.doneMs ?? 0), total: clock(durationMs) })
          : check.state === 'running'
            ? text('check_runningPlain')
            : text(`check_${check.state}`)}
      </span>
      {check.state === 'running' && (
        <progress
          aria-label={text('checkTitle')}
          max={1}
          value={isKnown ? (check.doneMs ?? 0) / durationMs : undefined}
        />
      )}
      {check.error !== null && <Notice tone="bad">{check.error}</Notice>}
    </div>
  );
}
