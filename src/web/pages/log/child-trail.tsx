import type { Answer } from '../../api/types.ts';
import { Empty } from '../../parts/page.tsx';
import { label, type PlainKey, text } from '../../words/current.ts';
import { dateTime, dateTimeExact, number } from '../../words/format.ts';
import { actorName, entryIn, namesIn, sentenceOf } from './entry.ts';
import { Table } from './table.tsx';
import { EvidenceButton } from './take-button.tsx';

type Trail = Answer<'readParticipant'>;
type Kept = Trail['records'][number];
type Mail = Kept['requests'][number]['mails'][number];

/** Where the data of a child came from, what was asked, the lessons with them, and every entry about it. */
export function ChildTrail({ trail: { records, participants, entries, persons, next } }: { readonly trail: Trail }) {
  const names = namesIn(persons);
  if (records.length === 0 && participants.length === 0) return <Empty>{text('nothingFound')}</Empty>;
  return (
    <>
      <p className="quiet">{text('sameNames')}</p>
      <Table
        headings={[text('who'), text('lesson'), text('permission'), text('evidencePack')]}
        rows={participants.map(({ id, name, lessons, permissions, course }) => [
          id,
          [
            name,
            lessons.map(({ title, plannedStart }) => `${title}, ${dateTime(plannedStart)}`).join('; ') || course.title,
            permissions.map(({ status }) => label('permissionStatus', status)).join(', ') || '–',
            <EvidenceButton key={id} about="participant" id={id} of={`${name}, ${course.title}`} />,
          ],
        ])}
      />
      <Table
        headings={[
          text('who'),
          text('cameFrom'),
          text('askedOf'),
          text('mailsSent'),
          text('sheetsAndScans'),
          text('receipts'),
        ]}
        rows={records.map(({ personId, name, imports, requests, receipts }) => [
          personId,
          [
            name,
            [...new Set(imports.map(importText))].join('; ') || text('typedIn'),
            requests.map((one) => `${one.course}: ${one.signer ?? '–'}, ${dateTime(one.askedAt)}`).join('; ') || '–',
            requests.flatMap(({ mails }) => mails.map(mailText)).join('; ') || '–',
            requests.flatMap(({ sheets }) => sheets.map(sheetText)).join('; ') || '–',
            number(receipts.length),
          ],
        ])}
      />
      <Table
        headings={['#', text('when'), text('action'), text('who')]}
        rows={entries.map((shown) => {
          const { at, actor } = entryIn(shown);
          return [
            String(shown.seq),
            [number(shown.seq), dateTimeExact(at), sentenceOf(shown), actorName(actor, names)],
          ];
        })}
      />
      {next !== null && <p className="quiet">{text('moreInPack')}</p>}
    </>
  );
}

const importText = ({ fileName, file, line, importedAt }: Kept['imports'][number]) =>
  [fileName ?? file ?? '–', line, dateTime(importedAt)].filter((part) => part !== null).join(', ');

const deliveries = {
  queued: 'delivery_queued',
  accepted: 'delivery_accepted',
  refused: 'delivery_refused',
  bounced: 'delivery_bounced',
  unknown: 'delivery_unknown',
} as const satisfies Partial<Record<string, PlainKey>>;
const mailText = ({ addressMask, state, queuedAt }: Mail) =>
  `${addressMask}, ${dateTime(queuedAt)}, ${state in deliveries ? text(deliveries[state as keyof typeof deliveries]) : state}`;

const sheetText = ({ code, printedAt, scans }: Kept['requests'][number]['sheets'][number]) =>
  `${code}, ${dateTime(printedAt)} (${text('scannedPages', { n: scans.length })})`;
