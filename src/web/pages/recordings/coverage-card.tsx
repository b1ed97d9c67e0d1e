import { clock } from '../../../domain/decision.ts';
import { Card } from '../../parts/page.tsx';
import { usePerson } from '../../shell/session.tsx';
import { text } from '../../words/current.ts';
import type { Recording } from './recording.ts';

const wholeSeconds = (ms: number): string => clock(Math.floor(ms / 1000) * 1000);

/** What of the original each reviewer really played, for those who decide on it: the first thing an approver sees. */
export function CoverageCard({ recording: { coverage, durationMs } }: { readonly recording: Recording }) {
  const person = usePerson();
  if (!person.has('administrator', 'reviewer') || coverage.length === 0) return null;
  return (
    <Card title={text('coverageTitle')}>
      <ul className="plain">
        {coverage.map(({ reviewerId, reviewerName, playedMs, missing }) => (
          <li key={reviewerId}>
            {text('coverageOf', {
              name: reviewerName,
              played: wholeSeconds(playedMs),
              total: wholeSeconds(durationMs ?? 0),
            })}{' '}
            <span className="quiet">
              {missing.length === 0
                ? text('coverageAll')
                : text('coverageMissing', {
                    ranges: missing
                      .map(({ startMs, endMs }) => `${wholeSeconds(startMs)}–${wholeSeconds(endMs)}`)
                      .join(', '),
                  })}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
