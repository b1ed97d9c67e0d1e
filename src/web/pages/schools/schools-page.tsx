import { ask } from '../../api/ask.ts';
import type { Item } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { Badge } from '../../parts/badge.tsx';
import { ActionButton } from '../../parts/button.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Empty, Page } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { useSure } from '../../parts/sure.tsx';
import { text } from '../../words/current.ts';
import { byteSize, date, number } from '../../words/format.ts';
import { OpenSchoolCard } from './open-school-card.tsx';
import styles from './schools.module.css';

type School = Item<'listSchools'>;

/** The schools of the installation with their figures, for an authority: never people or media. */
export function SchoolsPage() {
  const schools = useAsk('listSchools', {});
  return (
    <Page title={text('schools')} lead={text('schoolsLead')}>
      <Loaded query={schools}>
        {({ items, mayOpen }) => (
          <>
            <Card>
              <Figures schools={items} />
              {items.length < 2 && <Empty>{text('schoolsNone')}</Empty>}
            </Card>
            {mayOpen ? (
              <OpenSchoolCard />
            ) : (
              <Card title={text('schoolOpen')}>
                <Notice>
                  <p>{text('schoolByOperator')}</p>
                  <code>npm run setup -- --another-school … --admin-email …</code>
                </Notice>
              </Card>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

const sumOf = (schools: readonly School[], figure: 'staff' | 'recordings' | 'bytes'): number =>
  schools.reduce((sum, school) => sum + school[figure], 0);

function Figures({ schools }: { readonly schools: readonly School[] }) {
  const uploads = schools.flatMap(({ lastUploadAt }) => lastUploadAt ?? []).toSorted();
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{text('school')}</th>
          <th scope="col">{text('staff')}</th>
          <th scope="col">{text('recordings')}</th>
          <th scope="col">{text('schoolStored')}</th>
          <th scope="col">{text('schoolLastUpload')}</th>
          <th scope="col">
            <span className="unseen">{text('schoolDo')}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {schools.map((school) => (
          <tr key={school.id}>
            <th scope="row" className={styles.name}>
              <strong>{school.name}</strong>
              <br />
              <State school={school} />
            </th>
            <Row {...school} />
            <td className={styles.act}>{!school.isFirst && school.takenOutAt === null && <Act school={school} />}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{text('schoolsSum')}</th>
          <Row
            staff={sumOf(schools, 'staff')}
            recordings={sumOf(schools, 'recordings')}
            bytes={sumOf(schools, 'bytes')}
            lastUploadAt={uploads.at(-1) ?? null}
          />
          <td />
        </tr>
      </tfoot>
    </table>
  );
}

function Row({
  staff,
  recordings,
  bytes,
  lastUploadAt,
}: Pick<School, 'staff' | 'recordings' | 'bytes' | 'lastUploadAt'>) {
  return (
    <>
      <td className="numbers" data-label={text('staff')}>
        {number(staff)}
      </td>
      <td className="numbers" data-label={text('recordings')}>
        {number(recordings)}
      </td>
      <td className="numbers" data-label={text('schoolStored')}>
        {byteSize(bytes)}
      </td>
      <td data-label={text('schoolLastUpload')}>
        {lastUploadAt === null ? text('schoolNoUpload') : date(lastUploadAt)}
      </td>
    </>
  );
}

function State({ school: { closedAt, takenOutAt } }: { readonly school: School }) {
  if (takenOutAt !== null) return <Badge tone="waits">{text('schoolTakenOut', { date: date(takenOutAt) })}</Badge>;
  if (closedAt !== null) return <Badge tone="bad">{text('schoolClosed', { date: date(closedAt) })}</Badge>;
  return <Badge tone="good">{text('schoolIsOpen')}</Badge>;
}

/** Closes a school, after what that means was said, or opens it again. */
function Act({ school: { id, name, closedAt } }: { readonly school: School }) {
  const refresh = useRefresh();
  const say = useSay();
  const sure = useSure();
  const params = { schoolId: id };
  const verb = closedAt === null ? text('schoolClose') : text('schoolReopen');
  return (
    <ActionButton
      small
      label={`${verb}: ${name}`}
      onAct={async () => {
        if (closedAt === null) {
          const question = { title: text('schoolCloseAsk', { name }), text: text('schoolCloseText') };
          if (!(await sure({ ...question, yes: verb }))) return;
          await ask('closeSchool', { params });
          say(text('schoolWasClosed', { name }));
        } else {
          await ask('reopenSchool', { params });
          say(text('schoolWasReopened', { name }));
        }
        await refresh();
      }}
    >
      {verb}
    </ActionButton>
  );
}
