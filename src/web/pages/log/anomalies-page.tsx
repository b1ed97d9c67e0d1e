import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { Answer } from '../../api/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { Select } from '../../parts/fields.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { usePerson } from '../../shell/session.tsx';
import { text } from '../../words/current.ts';
import { dateTimeExact, number } from '../../words/format.ts';
import { type Names, namesIn } from './entry.ts';
import { logText } from './log-text.ts';
import { ProofLine } from './proof-line.tsx';
import { Table } from './table.tsx';
import { useQuestion } from './use-log.ts';

const spans = ['7', '30', '90'] as const;
const usual = '30';

/** What stands out on the log, by rules that say what they count. */
export function AnomaliesPage() {
  const { days: asked } = useSearch({ from: '/anomalies' });
  const days = spans.find((one) => one === asked) ?? usual;
  const navigate = useNavigate({ from: '/anomalies' });
  const found = useQuestion('readAnomalies', { query: { days: Number(days) } });
  return (
    <Page title={text('anomalies')} lead={text('anomaliesLead')}>
      <Select
        label={text('timeSpan')}
        value={days}
        onChange={({ target }) => void navigate({ search: { days: target.value }, replace: true })}
        options={spans.map((n) => [n, text('daysOf', { n })] as const)}
      />
      <div aria-live="polite">
        <Loaded query={found}>
          {({ rules, anomalies, persons, checked }) => {
            const names = namesIn(persons);
            return (
              <>
                <ProofLine checked={[checked]} />
                {rules.map(({ rule, sentence }) => (
                  <Rule
                    key={rule}
                    sentence={sentence}
                    found={anomalies.filter((one) => one.rule === rule)}
                    names={names}
                  />
                ))}
              </>
            );
          }}
        </Loaded>
      </div>
    </Page>
  );
}

type Anomaly = Answer<'readAnomalies'>['anomalies'][number];

interface RuleProps {
  readonly sentence: string;
  readonly found: readonly Anomaly[];
  readonly names: Names;
}

const mostNumbers = 8;

function Rule({ sentence, found, names }: RuleProps) {
  const mayRead = usePerson().has('auditor');
  return (
    <Card>
      <p className="row spread">
        <strong>{sentence}</strong>
        <Badge tone={found.length > 0 ? 'bad' : 'good'}>
          {found.length > 0 ? number(found.length) : text('nothingFound')}
        </Badge>
      </p>
      {found.length > 0 && (
        <Table
          name={sentence}
          headings={[text('who'), text('lastTime'), text('countOf'), text('entriesOf')]}
          rows={found.map((one) => [
            `${one.actor} ${one.recordingId} ${one.firstAt}`,
            [
              one.actor === null ? text('actor_nobody') : (names.get(one.actor) ?? one.actor),
              dateTimeExact(one.lastAt),
              one.rule === 'HASTY_APPROVAL' ? text('minutesOf', { n: number(one.count) }) : number(one.count),
              <span key="entries" className="row">
                {one.entries.slice(0, mostNumbers).map(String).join(', ')}
                {one.entries.length > mostNumbers && ' …'}
                {mayRead && <LogLink anomaly={one} />}
              </span>,
            ],
          ])}
        />
      )}
    </Card>
  );
}

/** The entries of that time by that person, or about that recording. */
function LogLink({ anomaly: { actor, recordingId, firstAt, lastAt } }: { readonly anomaly: Anomaly }) {
  return (
    <Link
      to="/log"
      search={{
        from: firstAt,
        until: new Date(Date.parse(lastAt) + 1).toISOString(),
        ...(actor === null ? {} : { actor }),
        ...(recordingId === null ? {} : { recording: recordingId }),
      }}
    >
      {logText('lookInLog')}
    </Link>
  );
}
