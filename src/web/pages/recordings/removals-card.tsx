import { Card } from '../../parts/page.tsx';
import { text } from '../../words/current.ts';
import type { Recording } from './recording.ts';

/** Who goes from a recording because no permission covers them, and who confirmed that they are gone. */
export function RemovalsCard({ recording: { removals } }: { readonly recording: Recording }) {
  if (removals.length === 0) return null;
  return (
    <Card title={text('removals')}>
      <ul className="plain">
        {removals.map(({ personId, name, tiles, parts, open, confirmedBy }) => (
          <li key={personId}>
            <strong>{name ?? '–'}</strong>{' '}
            {open > 0
              ? text('removalLeft', { n: open, all: parts })
              : text('removalWithout', { name: name ?? '–', by: confirmedBy.join(', ') })}{' '}
            {open > 0 && tiles !== null && tiles !== 'done' && text(`removalTiles_${tiles}`)}
          </li>
        ))}
      </ul>
    </Card>
  );
}
