import { ask } from '../../api/ask.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { Card } from '../../parts/page.tsx';
import { useSure } from '../../parts/sure.tsx';
import { usePerson } from '../../shell/session.tsx';
import { text } from '../../words/current.ts';
import type { Recording } from './recording.ts';

/** Approves what was reviewed; never one's own upload or review. */
export function ApprovalCard({ recording: { id, state } }: { readonly recording: Recording }) {
  const person = usePerson();
  const refresh = useRefresh();
  const sure = useSure();
  if (!person.has('administrator') || state !== 'cleared') return null;
  return (
    <Card title={text('approveTitle')}>
      <p>{text('approveLead')}</p>
      <ActionButton
        tone="primary"
        onAct={async () => {
          const question = { title: text('approveAsk'), text: text('approveText'), yes: text('approve') };
          if (!(await sure({ ...question, isDangerous: false }))) return;
          await ask('approveRecording', { params: { recordingId: id } });
          await refresh();
        }}
      >
        {text('approve')}
      </ActionButton>
    </Card>
  );
}
