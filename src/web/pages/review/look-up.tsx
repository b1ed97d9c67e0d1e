import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Answer } from '../../api/types.ts';
import { Button } from '../../parts/button.tsx';
import { ProblemNotice } from '../../parts/problem-notice.tsx';
import { text } from '../../words/current.ts';
import type { Segment } from './lanes.ts';
import styles from './look-up.module.css';

/**
 * Whose music it is, by a list outside of the school, when somebody asks: a print goes there, and that it did is on the log.
 * The answer is shown and kept nowhere.
 */
export function LookUp({ segment, host }: { readonly segment: Segment; readonly host: string }) {
  const [answer, setAnswer] = useState<Answer<'lookUpSegment'> | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isAsking, setAsking] = useState(false);
  if (!segment.findings.some(({ source }) => source === 'music' || source === 'audio_match')) return null;
  const find = async () => {
    setAsking(true);
    setError(null);
    try {
      setAnswer(await ask('lookUpSegment', { params: { segmentId: segment.id } }));
    } catch (problem) {
      setError(problem);
    } finally {
      setAsking(false);
    }
  };
  return (
    <details>
      <summary>{text('lookUpTitle')}</summary>
      <p className="quiet">{text('lookUpLead', { host })}</p>
      <Button small isDisabled={isAsking} onPress={find}>
        {text(isAsking ? 'lookUpAsking' : 'lookUpAsk', { host })}
      </Button>
      <ProblemNotice error={error} />
      <div role="status" className={styles.found}>
        {answer?.found.length === 0 && <p>{text('lookUpNone', { host })}</p>}
        {answer !== null && answer.found.length > 0 && (
          <ul>
            {answer.found.map(({ title, artists, score, recordingId }) => (
              <li key={recordingId}>
                <bdi>{title}</bdi>
                {artists.length > 0 && <bdi> – {artists.join(', ')}</bdi>} ({Math.round(score * 100)} %){' '}
                <a href={`https://musicbrainz.org/recording/${recordingId}`} rel="noreferrer noopener" target="_blank">
                  MusicBrainz
                </a>
              </li>
            ))}
          </ul>
        )}
      </div>
    </details>
  );
}
