import { useState } from 'react';
import { Problem } from '../../api/problem.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { exactClock, parseClock } from '../../words/clock.ts';
import { text } from '../../words/current.ts';
import { declaredFor, keepDeclared } from './declared.ts';

/** Third-party material can be declared while the file is on its way; it is added when the recording is there. */
export function DeclareWhile({ uploadId }: { readonly uploadId: string }) {
  const [declared, setDeclared] = useState(() => declaredFor(uploadId));
  const keep = (next: typeof declared) => {
    keepDeclared(uploadId, next);
    setDeclared(next);
  };
  return (
    <details>
      <summary>{text('declareWhile')}</summary>
      <p className="quiet">{text('declareWhileLead')}</p>
      <ul className="plain">
        {declared.map((one) => (
          <li key={`${one.title} ${one.startMs}`} className="row spread">
            {text('declareKept', { title: one.title, from: exactClock(one.startMs), to: exactClock(one.endMs) })}
            <Button
              small
              aria-label={text('removeNamed', { name: one.title })}
              onPress={() => keep(declared.filter((other) => other !== one))}
            >
              {text('remove')}
            </Button>
          </li>
        ))}
      </ul>
      <Form
        className="fields"
        send={text('declare')}
        tone="plain"
        clears
        onSend={async (values) => {
          const [startMs, endMs] = [parseClock(values.text('from')), parseClock(values.text('until'))];
          if (startMs === null || endMs === null) throw new Problem({ title: text('badClock') });
          if (endMs <= startMs) throw new Problem({ title: text('endsBeforeStart') });
          keep([...declared, { title: values.text('title'), startMs, endMs }]);
        }}
      >
        <Field label={text('declareWhat')} name="title" required maxLength={300} />
        <Field label={text('from')} name="from" placeholder="0:00" required />
        <Field label={text('until')} name="until" placeholder="1:30" required />
      </Form>
    </details>
  );
}
