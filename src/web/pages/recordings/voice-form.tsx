import { askForFile } from '../../api/ask.ts';
import { Problem } from '../../api/problem.ts';
import type { Answer } from '../../api/types.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { Field, Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { useSay } from '../../parts/said.tsx';
import { parseClock } from '../../words/clock.ts';
import { text } from '../../words/current.ts';

interface VoiceFormProps {
  readonly recordingId: string;
  readonly rows: Answer<'getAttendance'>['rows'];
}

/** Takes the sound file of one attendee alone, so that just what they said is muted. It is not kept. */
export function VoiceForm({ recordingId, rows }: VoiceFormProps) {
  const refresh = useRefresh();
  const say = useSay();
  return (
    <details>
      <summary>{text('voiceTitle')}</summary>
      <p className="quiet">{text('voiceLead')}</p>
      <Form
        send={text('voiceSend')}
        onSend={async (values) => {
          const at = values.text('at');
          const atMs = at === '' ? 0 : parseClock(at);
          if (atMs === null) throw new Problem({ title: text('clockWrong') });
          const form = new FormData();
          form.set('rowId', values.text('rowId'));
          form.set('atMs', String(atMs));
          for (const file of values.files('file')) form.set('file', file);
          const answer = await askForFile('takeVoice', { params: { recordingId }, body: form });
          const { stretches } = JSON.parse(await answer.text()) as Answer<'takeVoice'>;
          say(text('voiceTaken', { n: stretches }));
          await refresh();
        }}
      >
        <Select
          label={text('voiceWho')}
          name="rowId"
          required
          options={rows.map(({ id, name }) => [id, name] as const)}
        />
        <Field label={text('voiceFile')} name="file" type="file" accept="audio/*,.m4a" required />
        <Field label={text('voiceAt')} hint={text('voiceAtHint')} name="at" />
      </Form>
    </details>
  );
}
