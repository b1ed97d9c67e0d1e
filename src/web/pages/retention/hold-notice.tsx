import { ask } from '../../api/ask.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Notice } from '../../parts/notice.tsx';
import { useSay } from '../../parts/said.tsx';
import { text } from '../../words/current.ts';

interface HoldNoticeProps {
  readonly holdId: string;
  readonly says: string;
  readonly mayLift?: boolean;
}

/** What a legal hold says, and how to lift it. */
export function HoldNotice({ holdId, says, mayLift = false }: HoldNoticeProps) {
  const refresh = useRefresh();
  const say = useSay();
  return (
    <Notice>
      <p>
        <strong>{says}</strong>
      </p>
      {mayLift && (
        <details>
          <summary>{text('holdLift')}</summary>
          <Form
            send={text('holdLift')}
            tone="plain"
            onSend={async (values) => {
              await ask('liftHold', { params: { holdId }, body: { why: values.text('why') } });
              say(text('holdLifted'));
              await refresh();
            }}
          >
            <Field label={text('holdLiftWhy')} name="why" required maxLength={1000} />
          </Form>
        </details>
      )}
    </Notice>
  );
}
