import { useState } from 'react';
import { ask, pathOf } from '../../api/ask.ts';
import { Problem } from '../../api/problem.ts';
import { Card } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem-notice.tsx';
import { Player } from '../../player/player.tsx';
import { usePerson } from '../../shell/session.tsx';
import { text } from '../../words/current.ts';
import type { Recording } from './recording.ts';

/** The result, for those who decide whether it may be shown. */
export function RenditionCard({ recording: { id, state, rendition, lessonTitle } }: { readonly recording: Recording }) {
  const person = usePerson();
  const [problem, setProblem] = useState<unknown>(null);
  const isShown =
    person.has('reviewer', 'administrator') &&
    rendition?.state === 'ready' &&
    ['cleared', 'approved', 'released'].includes(state);
  if (!isShown) return null;
  const params = { recordingId: id };
  return (
    <Card title={text('renditionTitle')}>
      <Player
        key={rendition.id}
        name={text('playerOf', { name: lessonTitle })}
        address={pathOf('getRendition', { params })}
        onFault={() =>
          // The server is asked why, so that a refusal is told as one.
          void ask('getRecording', { params }).then(
            () => setProblem(new Problem({ title: text('mediaFailed') })),
            setProblem,
          )
        }
      />
      <ProblemNotice error={problem} />
    </Card>
  );
}
