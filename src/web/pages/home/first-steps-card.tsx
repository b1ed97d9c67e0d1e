import { Link } from '@tanstack/react-router';
import type { FirstStep } from '../../../domain/first-step.ts';
import { useAsk } from '../../api/use-ask.ts';
import { Badge } from '../../parts/badge.tsx';
import { buttonClass } from '../../parts/button-class.ts';
import { Card } from '../../parts/page.tsx';
import { label, text } from '../../words/current.ts';

const places: Record<FirstStep, string> = {
  name_school: '/school',
  choose_rules: '/school',
  assess_channel: '/channels',
  invite_staff: '/staff',
  test_mail: '/school',
  import_people: '/people',
  open_course: '/courses/new',
};

/** What a new school does first, ticked by itself; gone once all of it is done. */
export function FirstStepsCard() {
  const steps = useAsk('listFirstSteps', {});
  const items = steps.data?.items ?? [];
  if (items.length === 0 || items.every(({ done }) => done)) return null;
  const next = items.find(({ done }) => !done);
  return (
    <Card title={text('setUpTitle')}>
      <p className="quiet">{text('setUpLead')}</p>
      <ol className="plain">
        {items.map(({ step, done }) => (
          <li key={step} className="row spread">
            <span>{label('firstStep', step)}</span>
            {done ? (
              <Badge tone="good">{text('setUpDone')}</Badge>
            ) : (
              <Link
                to={places[step]}
                className={buttonClass({ small: true, tone: step === next?.step ? 'primary' : 'plain' })}
              >
                {text('setUpDo')}
                <span className="unseen">: {label('firstStep', step)}</span>
              </Link>
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}
