import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { linkStates } from '../../../domain/link-rules.ts';
import { ask } from '../../api/ask.ts';
import { useList, useRefresh } from '../../api/use-ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { Select } from '../../parts/fields.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Card, Empty, Page } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { useSure } from '../../parts/sure.tsx';
import { text } from '../../words/current.ts';
import { dateTime } from '../../words/format.ts';

/** Every personal link in one list: for whom, last use, end; one, some or all are revoked. */
export function LinksPage() {
  const { state } = useSearch({ from: '/links' });
  const navigate = useNavigate({ from: '/links' });
  const links = useList('listAllLinks', { query: state === undefined ? {} : { state } });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const refresh = useRefresh();
  const say = useSay();
  const sure = useSure();
  const revoked = async (n: number) => {
    setChosen(new Set());
    say(text('linksRevoked', { n }));
    await refresh();
  };
  return (
    <Page title={text('allLinks')} lead={text('allLinksLead')}>
      <Select
        label={text('state')}
        value={state ?? ''}
        onChange={({ target }) =>
          void navigate({ search: { state: linkStates.find((one) => one === target.value) }, replace: true })
        }
        options={[['', text('anyLinkState')], ...linkStates.map((one) => [one, text(`linkState_${one}`)] as const)]}
      />
      <Card>
        <Loaded query={links}>
          {() =>
            links.items.length === 0 ? (
              <Empty>{text('linksNone')}</Empty>
            ) : (
              <>
                <div className="row">
                  <ActionButton
                    small
                    tone="danger"
                    isDisabled={chosen.size === 0}
                    onAct={async () => revoked((await ask('revokeLinks', { body: { linkIds: [...chosen] } })).revoked)}
                  >
                    {text('revokeChosen', { n: chosen.size })}
                  </ActionButton>
                  <ActionButton
                    small
                    onAct={async () => {
                      const question = {
                        title: text('revokeAll'),
                        text: text('revokeAllText'),
                        yes: text('revokeAll'),
                      };
                      if (await sure(question))
                        await revoked((await ask('revokeLinks', { body: { allOpen: true } })).revoked);
                    }}
                  >
                    {text('revokeAll')}
                  </ActionButton>
                </div>
                <ul className="plain">
                  {links.items.map((link) => (
                    <li key={link.id} className="row">
                      <input
                        type="checkbox"
                        aria-label={text('linkChoose', { name: link.viewerName })}
                        disabled={link.state !== 'open'}
                        checked={chosen.has(link.id)}
                        onChange={() => {
                          const next = new Set(chosen);
                          if (!next.delete(link.id)) next.add(link.id);
                          setChosen(next);
                        }}
                      />
                      <span>
                        <strong>{link.viewerName}</strong>{' '}
                        <Link to="/recordings/$recordingId" params={{ recordingId: link.recordingId }}>
                          {link.lesson.title}
                        </Link>
                        <br />
                        <small className="quiet">
                          {[
                            text(`linkState_${link.state}`),
                            `${text('linkEnds')}: ${dateTime(link.endsAt)}`,
                            `${text('linkUsed')}: ${
                              link.lastUsedAt === null
                                ? text('linkNever')
                                : text('linkTimes', { n: link.timesUsed, time: dateTime(link.lastUsedAt) })
                            }`,
                          ].join(' · ')}
                        </small>
                      </span>
                    </li>
                  ))}
                </ul>
                <MoreButton list={links} />
              </>
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}
