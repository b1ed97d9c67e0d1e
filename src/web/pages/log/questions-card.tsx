import { useEffect, useRef, useState } from 'react';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card } from '../../parts/page.tsx';
import { text } from '../../words/current.ts';
import { ChildTrail } from './child-trail.tsx';
import { namesIn } from './entry.ts';
import { logText } from './log-text.ts';
import { ProofLine } from './proof-line.tsx';
import { EvidenceButton } from './take-button.tsx';
import { useQuestion } from './use-log.ts';
import { ViewersTable } from './viewers-table.tsx';

interface QuestionsCardProps {
  /** The recording of which it is asked who saw it. */
  readonly viewersOf: string | null;
  readonly onViewers: (recordingId: string | null) => void;
}

/** Who saw this recording? What happened to this child's data? */
export function QuestionsCard({ viewersOf, onViewers }: QuestionsCardProps) {
  const [child, askChild] = useState<string | null>(null);
  return (
    <>
      <Card>
        <details>
          <summary>{text('questions')}</summary>
          <div className="fields">
            <Form send={logText('askViewers')} onSend={async (values) => onViewers(values.text('recording'))}>
              <Field
                label={text('whoSaw')}
                hint={text('whoSawHint')}
                placeholder={text('recordingId')}
                name="recording"
                required
                maxLength={64}
                autoComplete="off"
              />
            </Form>
            <Form send={text('show')} onSend={async (values) => askChild(values.text('child'))}>
              <Field
                label={text('whatOfChild')}
                hint={text('whatOfChildHint')}
                name="child"
                required
                maxLength={200}
                autoComplete="off"
              />
            </Form>
          </div>
        </details>
      </Card>
      {viewersOf !== null && <Viewers key={viewersOf} recordingId={viewersOf} />}
      {child !== null && <Child key={child} name={child} />}
    </>
  );
}

function Viewers({ recordingId }: { readonly recordingId: string }) {
  const viewers = useQuestion('readViewers', { params: { recordingId } });
  return (
    <Answered title={text('whoSaw')}>
      <p className="quiet">{recordingId}</p>
      <Loaded query={viewers}>
        {({ accesses, persons, checked }) => (
          <>
            <ProofLine checked={[checked]} />
            <ViewersTable accesses={accesses} names={namesIn(persons)} />
            <div className="row">
              <EvidenceButton about="recording" id={recordingId} />
            </div>
          </>
        )}
      </Loaded>
    </Answered>
  );
}

function Child({ name }: { readonly name: string }) {
  const trail = useQuestion('readParticipant', { query: { name, limit: 200 } });
  return (
    <Answered title={`${text('whatOfChild')} ${name}`}>
      <Loaded query={trail}>
        {(answer) => (
          <>
            <ProofLine checked={[answer.checked]} />
            <ChildTrail trail={answer} />
          </>
        )}
      </Loaded>
    </Answered>
  );
}

/** An answer takes the focus when it is asked for, wherever that was. */
function Answered({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  const host = useRef<HTMLElement>(null);
  useEffect(() => {
    host.current?.focus({ preventScroll: true });
    host.current?.scrollIntoView({ block: 'start' });
  }, []);
  return (
    <section ref={host} tabIndex={-1} aria-label={title} aria-live="polite">
      <Card title={title}>{children}</Card>
    </section>
  );
}
