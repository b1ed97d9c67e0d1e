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
            {open > 0 ? (
              <>
                <strong>{name ?? '–'}</strong> {text('removalLeft', { n: open, all: parts })}{' '}
                {tiles !== null && tiles !== 'done' && text(`removalTiles_${tiles}`)}
              </>
            ) : (
              text('removalWithout', { name: name ?? '–', by: confirmedBy.join(', ') })
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
