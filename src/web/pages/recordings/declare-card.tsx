import { grounds } from '../../../domain/decision.ts';
import { ask } from '../../api/ask.ts';
import { Problem } from '../../api/problem.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { Field, Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Card } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { useSure } from '../../parts/sure.tsx';
import { parseClock } from '../../words/clock.ts';
import { label, text } from '../../words/current.ts';
import type { Recording } from './recording.ts';

/** A teacher or reviewer declares third-party material that they know of. */
export function DeclareCard({ recording: { id, state } }: { readonly recording: Recording }) {
  const refresh = useRefresh();
  const say = useSay();
  const sure = useSure();
  const reopens = ['cleared', 'approved', 'released'].includes(state);
  if (!reopens && !['sealed', 'in_review', 'quarantined'].includes(state)) return null;
  return (
    <Card>
      <details>
        <summary>{text('declareTitle')}</summary>
        <Form
          draft={`declare-${id}`}
          className="fields"
          send={text('declare')}
          tone="plain"
          clears
          onSend={async (values) => {
            const [startMs, endMs] = [parseClock(values.text('from')), parseClock(values.text('until'))];
            if (startMs === null || endMs === null) throw new Problem({ title: text('clockWrong') });
            const question = { title: text('declareAsk'), text: text('declareReopens'), yes: text('declare') };
            if (reopens && !(await sure(question))) return;
            const [rightsHolder, note] = [values.text('rightsHolder'), values.text('note')];
            const ground = grounds.find((one) => one === values.text('ground'));
            await ask('declareSegment', {
              params: { recordingId: id },
              body: {
                title: values.text('title'),
                startMs,
                endMs,
                ...(rightsHolder === '' ? {} : { rightsHolder }),
                ...(ground === undefined ? {} : { ground }),
                ...(note === '' ? {} : { note }),
              },
            });
            say(text('saved'));
            await refresh();
          }}
        >
          <Field label={text('declareWhat')} name="title" required maxLength={300} />
          <Field label={text('from')} hint={text('clockHint')} name="from" placeholder="0:00" required />
          <Field label={text('until')} hint={text('clockHint')} name="until" placeholder="0:30" required />
          <Field label={text('declareHolder')} name="rightsHolder" maxLength={300} />
          <Select
            label={text('ground')}
            name="ground"
            options={[['', text('chooseDecision')], ...grounds.map((one) => [one, label('ground', one)] as const)]}
          />
          <Field label={text('note')} name="note" maxLength={2000} />
        </Form>
      </details>
    </Card>
  );
}
