import { ask } from '../../api/ask.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { TextArea } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Card } from '../../parts/page.tsx';
import { useSure } from '../../parts/sure.tsx';
import { text } from '../../words/current.ts';
import type { Recording } from './recording.ts';

/** Rejects the whole recording, with a reason. */
export function RejectCard({ recording: { id, state } }: { readonly recording: Recording }) {
  const refresh = useRefresh();
  const sure = useSure();
  if (!['sealed', 'in_review', 'cleared', 'approved', 'quarantined'].includes(state)) return null;
  return (
    <Card>
      <details>
        <summary>{text('rejectTitle')}</summary>
        <Form
          send={text('refuseYes')}
          tone="danger"
          onSend={async (values) => {
            const question = { title: text('refuseAsk'), text: text('refuseText'), yes: text('refuseYes') };
            if (!(await sure(question))) return;
            await ask('rejectRecording', { params: { recordingId: id }, body: { why: values.text('why') } });
            await refresh();
          }}
        >
          <TextArea label={text('rejectWhy')} name="why" required maxLength={2000} />
        </Form>
      </details>
    </Card>
  );
}
