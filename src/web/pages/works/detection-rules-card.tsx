import { rankedSources } from '../../../domain/detection-rules.ts';
import { watchedKinds } from '../../../domain/watched-names.ts';
import { ask } from '../../api/ask.ts';
import type { Answer } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { Field, TextArea } from '../../parts/fields.tsx';
import { Form, type Values } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { useSure } from '../../parts/sure.tsx';
import { usePerson } from '../../shell/session.tsx';
import { label, text } from '../../words/current.ts';

type Rules = Answer<'getDetectionRules'>;

/** What is looked for in recordings: everybody who sees the registry sees it, administrators change it. */
export function DetectionRulesCard() {
  const rules = useAsk('getDetectionRules', {});
  return (
    <Card>
      <details>
        <summary>{text('rulesTitle')}</summary>
        <p className="quiet">{text('rulesAbout')}</p>
        <Loaded query={rules}>{(shown) => <RulesForm key={JSON.stringify(shown)} rules={shown} />}</Loaded>
      </details>
    </Card>
  );
}

function RulesForm({ rules }: { readonly rules: Rules }) {
  const person = usePerson();
  const refresh = useRefresh();
  const say = useSay();
  const sure = useSure();
  const fields = <RulesFields rules={rules} isReadOnly={!person.has('administrator')} />;
  if (!person.has('administrator')) return fields;
  return (
    <Form
      send={text('rulesSave')}
      more={
        <ActionButton
          onAct={async () => {
            const question = { title: text('rulesResetAsk'), text: text('rulesResetText'), yes: text('rulesReset') };
            if (!(await sure(question))) return;
            await ask('resetDetectionRules', {});
            say(text('saved'));
            await refresh();
          }}
        >
          {text('rulesReset')}
        </ActionButton>
      }
      onSend={async (values) => {
        await ask('changeDetectionRules', { body: read(values, rules) });
        say(text('saved'));
        await refresh();
      }}
    >
      {fields}
    </Form>
  );
}

function read(values: Values, rules: Rules): Rules {
  const least = Object.fromEntries(
    rankedSources.map((source) => [source, (values.number(`least ${source}`) ?? 0) / 100]),
  ) as Rules['least'];
  const watchedNames = watchedKinds.flatMap((kind) =>
    [
      ...new Set(
        values
          .text(`names ${kind}`)
          .split('\n')
          .map((line) => line.trim()),
      ),
    ]
      .filter((name) => name !== '')
      .map((name) => ({ name, kind })),
  );
  const gap = values.number('gap');
  return { watchedNames, least, gapMs: gap === null ? rules.gapMs : gap * 1000 };
}

function RulesFields({ rules, isReadOnly }: { readonly rules: Rules; readonly isReadOnly: boolean }) {
  return (
    <>
      <h2>{text('rulesNames')}</h2>
      <p className="quiet">{text('rulesNamesHint')}</p>
      <div className="fields">
        {watchedKinds.map((kind) => (
          <TextArea
            key={kind}
            label={text(`names_${kind}`)}
            name={`names ${kind}`}
            rows={6}
            readOnly={isReadOnly}
            defaultValue={rules.watchedNames
              .filter((one) => one.kind === kind)
              .map(({ name }) => name)
              .join('\n')}
          />
        ))}
      </div>
      <h2>{text('rulesLeast')}</h2>
      <p className="quiet">{text('rulesLeastHint')}</p>
      <div className="fields">
        {rankedSources.map((source) => (
          <Field
            key={source}
            label={label('source', source)}
            name={`least ${source}`}
            type="number"
            min={0}
            max={95}
            step={5}
            required
            readOnly={isReadOnly}
            defaultValue={Math.round(rules.least[source] * 100)}
          />
        ))}
        <Field
          label={text('rulesGap')}
          name="gap"
          type="number"
          min={0}
          max={60}
          required
          readOnly={isReadOnly}
          defaultValue={Math.round(rules.gapMs / 1000)}
        />
      </div>
    </>
  );
}
