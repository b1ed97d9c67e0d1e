import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ScanPageState } from '../../../domain/scan-page.ts';
import type { Item } from '../../api/types.ts';
import { useAsk, useList } from '../../api/use-ask.ts';
import { Badge, type BadgeTone } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Card, Empty, Page } from '../../parts/page.tsx';
import { text } from '../../words/current.ts';
import { day } from '../../words/format.ts';
import { HandInCard } from './hand-in-card.tsx';

export type ScanPage = Item<'listScanPages'>;
const tones: Record<ScanPageState, BadgeTone> = { seen: 'waits', read: 'waits', confirmed: 'good', rejected: 'bad' };

export function ScanStateBadge({ page }: { readonly page: Pick<ScanPage, 'state' | 'stateText'> }) {
  return <Badge tone={tones[page.state]}>{page.stateText}</Badge>;
}

/** Signed sheets: hands scans in, and lists their pages by what is to be done with them. */
export function PaperPage() {
  return (
    <Page title={text('paper')} lead={text('paperLead')}>
      <HandInCard />
      <Waiting />
      <Done />
    </Page>
  );
}

/** What waits is worked off, so it is never long. */
function Waiting() {
  const seen = useAsk('listScanPages', { query: { state: 'seen', limit: 200 } }, { everyMs: 15_000 });
  const read = useAsk('listScanPages', { query: { state: 'read', limit: 200 } }, { everyMs: 15_000 });
  return (
    <Loaded query={seen}>
      {(first) => (
        <Loaded query={read}>
          {(second) => {
            const typed = new Set(second.items.map(({ sheet }) => sheet?.id));
            const parts = (
              [
                ['paperToAssign', first.items.filter(({ sheet }) => sheet === null)],
                ['paperToRead', first.items.filter(({ sheet }) => sheet !== null && !typed.has(sheet.id))],
                ['paperToConfirm', second.items],
              ] as const
            ).filter(([, pages]) => pages.length > 0);
            if (parts.length === 0)
              return (
                <Card>
                  <Empty>{text('paperNothing')}</Empty>
                </Card>
              );
            return parts.map(([title, pages]) => {
              const sheets = sheetsOf(pages);
              return (
                <Card key={title} title={text(title, { n: sheets.length })}>
                  <SheetList sheets={sheets} />
                </Card>
              );
            });
          }}
        </Loaded>
      )}
    </Loaded>
  );
}

/** Pages of one sheet stand together, in the order of the sheet. A page without one stands alone. */
function sheetsOf(pages: readonly ScanPage[]): ScanPage[][] {
  const sheets = Map.groupBy(pages, (page) => page.sheet?.id ?? page.id);
  return [...sheets.values()].map((some) => some.toSorted((a, b) => (a.sheet?.page ?? 0) - (b.sheet?.page ?? 0)));
}

function SheetList({ sheets }: { readonly sheets: readonly ScanPage[][] }) {
  return (
    <ul className="plain">
      {sheets.map((pages) => (
        <SheetItem key={pages[0]?.id} pages={pages} />
      ))}
    </ul>
  );
}

function SheetItem({ pages }: { readonly pages: readonly ScanPage[] }) {
  // The signature is at the end.
  const last = pages.at(-1);
  if (last === undefined) return null;
  const { sheet, note, readByName } = last;
  const noted = note === null ? '' : text('paperNote', { note });
  const facts =
    sheet === null
      ? [last.foundText, text('paperPlace', { n: last.place }), noted]
      : [
          sheet.courseTitle,
          text('paperFrom', { name: sheet.signer }),
          text('paperPages', { pages: pages.map((page) => page.sheet?.page ?? 0).join(', '), of: sheet.pages }),
          readByName === null ? '' : text('paperReadBy', { name: readByName }),
          noted,
        ];
  return (
    <li>
      <div className="row spread">
        <strong>
          <Link to="/paper/$scanPageId" params={{ scanPageId: last.id }}>
            {sheet === null
              ? text('paperUnknown')
              : [sheet.subject, sheet.className].filter((part) => part !== null).join(', ')}
          </Link>
        </strong>
        <ScanStateBadge page={last} />
      </div>
      <p className="quiet">
        {[...facts, text('paperCame', { day: day(last.receivedOn) })].filter((fact) => fact !== '').join(' · ')}
      </p>
    </li>
  );
}

/** What was decided, fetched when somebody wants to see it. */
function Done() {
  const [state, setState] = useState<'confirmed' | 'rejected' | null>(null);
  return (
    <Card>
      <details>
        <summary>{text('paperDone')}</summary>
        <div className="row">
          {(['confirmed', 'rejected'] as const).map((one) => (
            <Button key={one} aria-pressed={state === one} onPress={() => setState(one)}>
              {text(`paper_${one}`)}
            </Button>
          ))}
        </div>
        {state !== null && <DoneList state={state} />}
      </details>
    </Card>
  );
}

function DoneList({ state }: { readonly state: 'confirmed' | 'rejected' }) {
  const pages = useList('listScanPages', { query: { state } });
  return (
    <Loaded query={pages}>
      {() =>
        pages.items.length === 0 ? (
          <p className="quiet">{text('paperNone')}</p>
        ) : (
          <>
            <SheetList sheets={sheetsOf(pages.items)} />
            <MoreButton list={pages} />
          </>
        )
      }
    </Loaded>
  );
}
