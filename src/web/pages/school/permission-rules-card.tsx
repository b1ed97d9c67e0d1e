import { type AssuranceLevel, assuranceLevels, audiences, purposes } from '../../../domain/permission.ts';
import { ask } from '../../api/ask.ts';
import type { Answer, Body } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { Field, Select } from '../../parts/fields.tsx';
import { Form, type Values } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { label, text } from '../../words/current.ts';

type Rules = Answer<'getPermissionRules'>;
const counted = [
  ['answerDays', 1, 366],
  ['firstReminderDays', 1, 366],
  ['reminderDays', 1, 366],
  ['mostReminders', 0, 20],
  ['mailFromHour', 0, 24],
  ['mailUntilHour', 0, 24],
] as const;
const graded = purposes.filter((one) => one !== 'release');

/** How the school asks for permission, and how sure it wants to be of an answer. */
export function PermissionRulesCard() {
  const rules = useAsk('getPermissionRules', {});
  return (
    <Card title={text('permissionRulesTitle')}>
      <Loaded query={rules}>{(shown) => <RulesForms key={JSON.stringify(shown)} rules={shown} />}</Loaded>
    </Card>
  );
}

function RulesForms({ rules }: { readonly rules: Rules }) {
  const refresh = useRefresh();
  const say = useSay();
  const save = async (body: Body<'choosePermissionRules'>) => {
    await ask('choosePermissionRules', { body });
    say(text('saved'));
    await refresh();
  };
  const level = (name: string, words: string, value: AssuranceLevel) => (
    <Select
      key={name}
      label={words}
      name={name}
      defaultValue={String(value)}
      options={assuranceLevels.map((one) => [String(one), text(`level_${one}`)] as const)}
    />
  );
  return (
    <>
      <p>{text('rulesNow', { preset: text(`preset_${rules.preset}`) })}</p>
      <Form
        send={text('rulesTake')}
        tone="plain"
        onSend={(values) => save({ preset: values.text('preset') === 'uk' ? 'uk' : 'tr' })}
      >
        <Select
          label={text('rulesPreset')}
          name="preset"
          defaultValue={rules.preset === 'own' ? 'tr' : rules.preset}
          options={(['tr', 'uk'] as const).map((one) => [one, text(`preset_${one}`)] as const)}
        />
      </Form>
      <Form send={text('permissionRulesSave')} onSend={(values) => save(ownRules(values))}>
        <h3>{text('permissionRulesLeast')}</h3>
        <p className="quiet">{text('rulesLeastLead')}</p>
        <div className="fields">
          {graded.map((one) => level(one, label('purpose', one), rules.leastAssurance[one]))}
          {audiences.map((one) =>
            level(
              `release ${one}`,
              `${label('purpose', 'release')}: ${label('audience', one)}`,
              rules.leastAssurance.release[one],
            ),
          )}
        </div>
        <h3>{text('rulesTimes')}</h3>
        <div className="fields">
          {counted.map(([name, min, max]) => (
            <Field
              key={name}
              label={text(`rule_${name}`)}
              name={name}
              type="number"
              min={min}
              max={max}
              defaultValue={rules[name]}
              required
            />
          ))}
          <Field label={text('rule_timeZone')} name="timeZone" defaultValue={rules.timeZone} required maxLength={64} />
        </div>
      </Form>
    </>
  );
}

function ownRules(values: Values): Body<'choosePermissionRules'> {
  const level = (name: string): AssuranceLevel =>
    assuranceLevels.find((one) => String(one) === values.text(name)) ?? assuranceLevels[0];
  const number = (name: string) => values.number(name) ?? 0;
  return {
    leastAssurance: {
      take_part: level('take_part'),
      record: level('record'),
      keep: level('keep'),
      release: {
        class: level('release class'),
        school: level('release school'),
        sites: level('release sites'),
        families: level('release families'),
      },
    },
    answerDays: number('answerDays'),
    firstReminderDays: number('firstReminderDays'),
    reminderDays: number('reminderDays'),
    mostReminders: number('mostReminders'),
    mailFromHour: number('mailFromHour'),
    mailUntilHour: number('mailUntilHour'),
    timeZone: values.text('timeZone'),
  };
}
