import type { StaffRole } from '../../../domain/ids.ts';
import { schoolRoles } from '../../../domain/ids.ts';
import { attendanceRules } from '../../../domain/permission.ts';
import { ask } from '../../api/ask.ts';
import type { Answer } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { Choices, Field, Select, Tick } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { label, text } from '../../words/current.ts';
import { PermissionRulesCard } from './permission-rules-card.tsx';
import { TextForm } from './text-form.tsx';

/** The school, its rules, how it asks for permission, and the words that its signers read. */
export function SchoolPage() {
  const school = useAsk('getSchool', {});
  const texts = useAsk('listTexts', {});
  return (
    <Page title={text('school')}>
      <Loaded query={school}>{(shown) => <SchoolCard key={JSON.stringify(shown)} school={shown} />}</Loaded>
      <PermissionRulesCard />
      <Card title={text('schoolTexts')}>
        <p className="quiet">{text('schoolTextsLead')}</p>
        <Loaded query={texts}>
          {({ items }) => items.map((one) => <TextForm key={`${one.kind} ${one.language}`} shown={one} />)}
        </Loaded>
      </Card>
      <MailCard />
    </Page>
  );
}

function SchoolCard({ school }: { readonly school: Answer<'getSchool'> }) {
  const refresh = useRefresh();
  const say = useSay();
  return (
    <Card title={text('schoolRules')}>
      <p className="quiet">{text('schoolRulesLead')}</p>
      <Form
        className="fields"
        send={text('save')}
        onSend={async (values) => {
          const eraseOnWithdrawalDays = values.number('eraseOnWithdrawalDays');
          const { waiting } = await ask('changeSchool', {
            body: {
              name: values.text('name'),
              requireAllGuardians: values.isTicked('requireAllGuardians'),
              requirePupilSignature: values.isTicked('requirePupilSignature'),
              secondFactorRoles: schoolRoles.filter((role) => values.all('secondFactorRoles').includes(role)),
              yearStartMonth: values.number('yearStartMonth') ?? school.yearStartMonth,
              yearStartDay: values.number('yearStartDay') ?? school.yearStartDay,
              expiredGraceDays: values.number('expiredGraceDays') ?? school.expiredGraceDays,
              eraseOnWithdrawalDays,
              linkDays: values.number('linkDays') ?? school.linkDays,
              longestLinkDays: values.number('longestLinkDays') ?? school.longestLinkDays,
              attendance: attendanceRules.find((rule) => rule === values.text('attendance')) ?? school.attendance,
            },
          });
          say(waiting === null ? text('saved') : text('changeAsked'));
          await refresh();
        }}
      >
        <Field label={text('schoolName')} name="name" defaultValue={school.name} required maxLength={200} />
        <div>
          <Tick
            label={text('rule_requireAllGuardians')}
            name="requireAllGuardians"
            defaultChecked={school.requireAllGuardians}
          />
          <Tick
            label={text('rule_requirePupilSignature')}
            name="requirePupilSignature"
            defaultChecked={school.requirePupilSignature}
          />
        </div>
        <Choices
          legend={text('rule_secondFactorRoles')}
          hint={text('rule_secondFactorRolesHint')}
          name="secondFactorRoles"
          options={schoolRoles.map((role: StaffRole) => [role, label('staffRole', role)] as const)}
          chosen={school.secondFactorRoles}
        />
        <div>
          <NumberRule label={text('rule_yearStart')} name="yearStartMonth" max={12} value={school.yearStartMonth} />
          <NumberRule label={text('rule_yearStartDay')} name="yearStartDay" max={28} value={school.yearStartDay} />
        </div>
        <NumberRule
          label={text('rule_expiredGraceDays')}
          name="expiredGraceDays"
          max={365}
          value={school.expiredGraceDays}
        />
        <Field
          label={text('rule_eraseOnWithdrawalDays')}
          hint={text('rule_eraseOnWithdrawalDaysHint')}
          name="eraseOnWithdrawalDays"
          type="number"
          min={1}
          max={3650}
          defaultValue={school.eraseOnWithdrawalDays ?? ''}
        />
        <NumberRule label={text('rule_linkDays')} name="linkDays" max={3650} value={school.linkDays} />
        <NumberRule
          label={text('rule_longestLinkDays')}
          name="longestLinkDays"
          max={3650}
          value={school.longestLinkDays}
        />
        <Select
          label={text('rule_attendance')}
          name="attendance"
          defaultValue={school.attendance}
          options={attendanceRules.map((rule) => [rule, label('attendanceRule', rule)] as const)}
        />
      </Form>
    </Card>
  );
}

interface NumberRuleProps {
  readonly label: string;
  readonly name: string;
  readonly max: number;
  readonly value: number;
}
const NumberRule = ({ value, ...rule }: NumberRuleProps) => (
  <Field {...rule} type="number" min={1} defaultValue={value} required />
);

function MailCard() {
  const say = useSay();
  return (
    <Card title={text('mailTest')}>
      <p className="quiet">{text('mailTestLead')}</p>
      <ActionButton
        onAct={async () => {
          await ask('sendTestMail', {});
          say(text('mailTestSent'));
        }}
      >
        {text('mailTestSend')}
      </ActionButton>
    </Card>
  );
}
