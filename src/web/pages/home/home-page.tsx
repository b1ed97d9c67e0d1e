import { Link } from '@tanstack/react-router';
import { schoolRoles } from '../../../domain/ids.ts';
import type { WaitingKind } from '../../../domain/waiting.ts';
import { useAsk } from '../../api/use-ask.ts';
import { buttonClass } from '../../parts/button-class.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Empty, Page } from '../../parts/page.tsx';
import { usePerson } from '../../shell/session.tsx';
import { label, text } from '../../words/current.ts';
import { ago } from '../../words/format.ts';
import { WithFirstSteps } from './first-steps-card.tsx';
import styles from './home-page.module.css';

/** Where somebody goes on with what waits. */
const places: Record<WaitingKind, string> = {
  emergency_used: '/staff',
  quarantined: '/recordings?state=quarantined',
  to_review: '/recordings?state=in_review',
  to_approve: '/recordings?state=cleared',
  scan_to_confirm: '/paper',
  scan_to_read: '/paper',
  scan_to_assign: '/paper',
  attendance: '/lessons',
  failed_job: '/system',
  task: '/people',
  unanswered: '/courses',
  upload: '/recordings',
};

/** Where somebody begins. Who is an authority alone works in no school, and nothing waits for them. */
export function HomePage() {
  return usePerson().has(...schoolRoles) ? <Waiting /> : <ForAuthority />;
}

function ForAuthority() {
  return (
    <Page title={text('home')}>
      <Card>
        <Empty
          action={
            <Link to="/schools" className={buttonClass({ tone: 'primary' })}>
              {text('schools')}
            </Link>
          }
        >
          {text('nextAuthority')}
        </Empty>
      </Card>
    </Page>
  );
}

/** What waits for me, each with its age and one button; else what one can do next. */
function Waiting() {
  const person = usePerson();
  const home = useAsk('getHome', {}, { everyMs: 60_000 });
  const waiting = (
    <Loaded query={home}>
      {({ items }) =>
        items.length === 0 ? (
          <Card>
            <Empty>
              {text('nothingWaits')} {nextThing(person)}
            </Empty>
          </Card>
        ) : (
          <ul className={styles.list}>
            {items.map(({ kind, count, since }) => (
              <li key={kind}>
                <Card className={styles.item ?? ''}>
                  <span className={styles.count}>{count}</span>
                  <span className={styles.what}>
                    <strong>{label('waiting', kind)}</strong>
                    <span className="quiet">{text('waitingSince', { time: ago(since) })}</span>
                  </span>
                  <Link to={places[kind]} className={buttonClass({ tone: 'primary' })}>
                    {text(`do_${kind}`)}
                  </Link>
                </Card>
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
  return (
    <Page title={text('waitsForYou')}>
      {person.has('administrator') ? <WithFirstSteps>{waiting}</WithFirstSteps> : waiting}
    </Page>
  );
}

function nextThing(person: ReturnType<typeof usePerson>): string {
  if (person.has('teacher')) return text('nextTeacher');
  if (person.has('administrator')) return text('nextAdministrator');
  return person.has('reviewer') ? text('nextReviewer') : text('nextAuditor');
}
