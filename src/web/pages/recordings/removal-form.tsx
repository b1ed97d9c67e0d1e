import { removalWays } from '../../../domain/attendance/remove-person.ts';
import { ask } from '../../api/ask.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { Choices, Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { useSay } from '../../parts/said.tsx';
import { label, text } from '../../words/current.ts';
import { VoiceForm } from './voice-form.tsx';

interface RemovalFormProps {
  readonly recordingId: string;
  readonly lessonId: string;
}

/** Keeps a recording without somebody whom no permission covers: what has to go becomes segments for a reviewer. */
export function RemovalForm({ recordingId, lessonId }: RemovalFormProps) {
  const refresh = useRefresh();
  const say = useSay();
  const attendance = useAsk('getAttendance', { params: { lessonId } });
  return (
    <details>
      <summary>{text('removalTitle')}</summary>
      <p className="quiet">{text('removalLead')}</p>
      <Loaded query={attendance}>
        {({ present, rows }) => (
          <>
            <VoiceForm recordingId={recordingId} rows={rows} />
            <Form
              send={text('removalSend')}
              onSend={async (values) => {
                const how = removalWays.find((way) => way === values.text('how'));
                const { segments } = await ask('removePersons', {
                  params: { recordingId },
                  body: {
                    personIds: values.all('persons'),
                    why: values.text('why'),
                    ...(how && { how }),
                    recordedFrom: values.instant('recordedFrom'),
                  },
                });
                say(text('removalDone', { n: segments }));
                await refresh();
              }}
            >
              <Choices
                legend={text('removalWho')}
                name="persons"
                options={present.map(({ id, name }) => [id, name ?? '–'] as const)}
                chosen={[]}
              />
              <Choices
                legend={text('removalHow')}
                name="how"
                one
                options={removalWays.map((way) => [way, label('removalWay', way)] as const)}
              />
              <Field label={text('why')} name="why" required maxLength={500} />
              <Field
                label={text('removalFrom')}
                hint={text('removalFromHint')}
                name="recordedFrom"
                type="datetime-local"
                step={1}
              />
            </Form>
          </>
        )}
      </Loaded>
    </details>
  );
}
