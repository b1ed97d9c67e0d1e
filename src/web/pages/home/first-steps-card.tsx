import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { FirstStep } from '../../../domain/first-step.ts';
import type { Answer } from '../../api/types.ts';
import { useAsk } from '../../api/use-ask.ts';
import { Badge } from '../../parts/badge.tsx';
import { buttonClass } from '../../parts/button-class.ts';
import { Loaded } from '../../parts/loaded.tsx';
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

/** What a new school does first, ticked by itself, above the rest of the page; gone once all of it is done. */
export function WithFirstSteps({ children }: { readonly children: ReactNode }) {
  const steps = useAsk('listFirstSteps', {});
  return (
    // One after the other they would push down what somebody is about to press.
    <Loaded query={steps}>
      {({ items }) => (
        <>
          {items.some(({ done }) => !done) && <FirstStepsCard items={items} />}
          {children}
        </>
      )}
    </Loaded>
  );
}

function FirstStepsCard({ items }: Answer<'listFirstSteps'>) {
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
