import { ask } from '../../api/ask.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { useSay } from '../../parts/said.tsx';
import { text } from '../../words/current.ts';
import { dayIn, endOf } from './days.ts';

type HoldFormProps = { readonly lessonId: string } | { readonly recordingId: string };

/** Sets a legal hold on one recording, or on everything that was recorded in a lesson. */
export function HoldForm(of: HoldFormProps) {
  const refresh = useRefresh();
  const say = useSay();
  return (
    <>
      <p>{text('holdLead')}</p>
      <Form
        send={text('holdSet')}
        tone="plain"
        clears
        onSend={async (values) => {
          const [ends, review] = [values.text('ends'), values.text('review')];
          const body = {
            reason: values.text('reason'),
            ...(ends === '' ? {} : { endsAt: endOf(ends) }),
            ...(review === '' ? {} : { reviewAt: endOf(review) }),
          };
          if ('lessonId' in of) await ask('holdLesson', { params: { lessonId: of.lessonId }, body });
          else await ask('holdRecording', { params: { recordingId: of.recordingId }, body });
          say(text('holdIsSet'));
          await refresh();
        }}
      >
        <Field label={text('holdWhy')} name="reason" required maxLength={1000} />
        <Field label={text('holdEnds')} hint={text('holdEndsHint')} name="ends" type="date" min={dayIn(1)} />
        <Field label={text('holdReview')} name="review" type="date" min={dayIn(1)} defaultValue={dayIn(180)} />
      </Form>
    </>
  );
}
