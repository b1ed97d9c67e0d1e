import { useState } from 'react';
import { clock } from '../../../domain/decision.ts';
import { foldForSearch } from '../../../domain/person.ts';
import type { Item } from '../../api/types.ts';
import { useAsk } from '../../api/use-ask.ts';
import { Badge } from '../../parts/badge.tsx';
import { Field } from '../../parts/fields.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Empty, Page } from '../../parts/page.tsx';
import { count, text } from '../../words/current.ts';
import { day } from '../../words/format.ts';
import { DetectionRulesCard } from './detection-rules-card.tsx';
import { RegisterCard } from './register-card.tsx';
import { terms } from './terms.ts';

/** The registry: whose works are searched for in recordings, and what else is looked for. */
export function WorksPage() {
  const works = useAsk('listWorks', {});
  const [words, setWords] = useState('');
  return (
    <Page title={text('works')} lead={text('worksAbout')}>
      <RegisterCard />
      <DetectionRulesCard />
      <Card title={text('worksRegister')}>
        <Field
          label={text('worksFind')}
          type="search"
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
        <Loaded query={works}>
          {({ items }) => {
            const found = items.filter(({ title, rightsHolder }) =>
              foldForSearch(`${title} ${rightsHolder}`).includes(foldForSearch(words)),
            );
            if (found.length === 0) return <Empty>{items.length === 0 ? text('noWorks') : text('worksNone')}</Empty>;
            return (
              <ul className="plain">
                {found.map((work) => (
                  <li key={work.id}>
                    <div className="row spread">
                      <strong>{work.title}</strong>
                      <Badge>{text(`work_${work.kind}`)}</Badge>
                    </div>
                    <p>{text('holder', { who: work.rightsHolder })}</p>
                    <p className="quiet">{factsOf(work).join(' · ')}</p>
                  </li>
                ))}
              </ul>
            );
          }}
        </Loaded>
      </Card>
    </Page>
  );
}

function factsOf(work: Item<'listWorks'>): string[] {
  const { kind, pages, durationMs, identifiers, licence, validFrom, validUntil } = work;
  return [
    pages !== null ? count('pageCount', pages) : kind === 'picture' ? '' : clock(durationMs),
    ...Object.entries(identifiers).map(([name, value]) => `${name.toUpperCase()} ${value}`),
    licence ?? '',
    terms.find(([uri]) => uri === work.terms)?.[1] ?? work.terms ?? '',
    validFrom === null ? '' : text('validFrom', { date: day(validFrom) }),
    validUntil === null ? '' : text('validUntil', { date: day(validUntil) }),
  ].filter((fact) => fact !== '');
}
