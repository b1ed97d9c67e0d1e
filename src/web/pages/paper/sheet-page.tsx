import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { sheetAnswers } from '../../../domain/sheet-reading.ts';
import { ask, pathOf } from '../../api/ask.ts';
import { Problem } from '../../api/problem.ts';
import type { Answer } from '../../api/types.ts';
import { useAsk, useRefresh } from '../../api/use-ask.ts';
import { ActionButton, Button } from '../../parts/button.tsx';
import { Choices, Field, Select, Tick } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Facts, Page } from '../../parts/page.tsx';
import { useSay } from '../../parts/said.tsx';
import { usePerson } from '../../shell/session.tsx';
import { text } from '../../words/current.ts';
import { dateTime, day } from '../../words/format.ts';
import { type ScanPage, ScanStateBadge } from './paper-page.tsx';
import styles from './sheet-page.module.css';

type Shown = Answer<'getScanPage'>;
type Sheet = NonNullable<Shown['sheet']>;

/** One sheet: the pictures of its pages, and beside them what is to be done with it. */
export function SheetPage() {
  const { scanPageId } = useParams({ from: '/paper/$scanPageId' });
  const page = useAsk('getScanPage', { params: { scanPageId } });
  const shown = page.data?.id === scanPageId ? page.data : undefined;
  const sheetId = shown?.sheet?.id ?? '';
  // With the pages of its sheet, or without any: what somebody opened stays open.
  const others = useAsk('listScanPages', { query: { sheetId, limit: 200 } }, { isOff: sheetId === '' });
  const isWhole = sheetId === '' || others.data?.items.some(({ sheet }) => sheet?.id === sheetId) === true;
  const pages = (sheetId === '' || others.data === undefined ? (shown ? [shown] : []) : others.data.items)
    .filter((one: ScanPage) => one.id === scanPageId || one.state !== 'rejected')
    .toSorted((a: ScanPage, b: ScanPage) => (a.sheet?.page ?? 0) - (b.sheet?.page ?? 0));
  return (
    <Page wide title={shown?.sheet?.subject ?? text('paperUnknown')} back={<Link to="/paper">← {text('paper')}</Link>}>
      <Loaded query={page}>
        {() =>
          shown &&
          isWhole && (
            <>
              <p className="row">
                <ScanStateBadge page={shown} />
                <span className="quiet">
                  {(shown.sheet
                    ? [
                        shown.sheet.className ?? '',
                        shown.sheet.courseTitle,
                        text('paperFrom', { name: shown.sheet.signer }),
                      ]
                    : [shown.foundText, text('paperCame', { day: day(shown.receivedOn) })]
                  )
                    .filter((fact) => fact !== '')
                    .join(' · ')}
                </span>
              </p>
              <div className={styles.reading}>
                <Pictures pages={pages} />
                <div>
                  <Work key={`${shown.id} ${shown.state}`} page={shown} pages={pages} />
                </div>
              </div>
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function Pictures({ pages }: { readonly pages: readonly ScanPage[] }) {
  const [isLarge, setLarge] = useState(false);
  return (
    <Card className={styles.pictures ?? ''}>
      <div className="row spread">
        <span className="quiet">{text('paperShownLogged')}</span>
        <Button small aria-pressed={isLarge} onPress={() => setLarge(!isLarge)}>
          {text('paperLarger')}
        </Button>
      </div>
      <section
        className={isLarge ? `${styles.roll} ${styles.large}` : styles.roll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        tabIndex={0}
        aria-label={text('paperPictures')}
      >
        {pages.map(({ id, sheet, place }) => (
          <img
            key={id}
            src={pathOf('showScanPage', { params: { scanPageId: id } })}
            alt={
              sheet === null
                ? text('paperPictureAlone', { n: place })
                : text('paperPictureOf', { page: sheet.page, name: sheet.subject })
            }
          />
        ))}
      </section>
    </Card>
  );
}

interface WorkProps {
  readonly page: Shown;
  readonly pages: readonly ScanPage[];
}

/** What this person can do with it now. */
function Work({ page, pages }: WorkProps) {
  const person = usePerson();
  const { state, sheet, readById, note, permissionId } = page;
  if (state === 'confirmed')
    return (
      <>
        <Notice tone="good">{permissionId === null ? text('paperBelongs') : text('paperIsAnswer')}</Notice>
        <TypedCard page={page} mayConfirm={false} />
      </>
    );
  if (state === 'rejected') return <Notice tone="bad">{text('paperIsRejected', { note: note ?? '' })}</Notice>;
  if (sheet === null)
    return (
      <>
        <AssignCard page={page} />
        <RejectCard pages={[page]} />
      </>
    );
  const typed = pages.find((one) => one.state === 'read');
  if (typed !== undefined && typed.id !== page.id)
    return (
      <Notice>
        {text('paperReadElsewhere')}{' '}
        <Link to="/paper/$scanPageId" params={{ scanPageId: typed.id }}>
          {text('paperToIt')}
        </Link>
      </Notice>
    );
  if (state === 'seen')
    return (
      <>
        <Card title={text('paperReadTitle')}>
          <ReadForm page={page} pages={pages} sheet={sheet} />
        </Card>
        <RejectCard pages={pages} />
      </>
    );
  const isOwn = readById === person.id;
  return (
    <>
      {isOwn && (
        <Notice>
          <strong>{text('paperOwn')}</strong> {text('paperOwnWhy')}
        </Notice>
      )}
      <TypedCard page={page} mayConfirm={!isOwn} />
      <Card>
        <details>
          <summary>{text('paperReadAgain')}</summary>
          <ReadForm page={page} pages={[page]} sheet={sheet} />
        </details>
      </Card>
      {!isOwn && <RejectCard pages={[page]} />}
    </>
  );
}

/** Whose page it is, by the letters below the code. */
function AssignCard({ page }: { readonly page: Shown }) {
  const refresh = useRefresh();
  const say = useSay();
  return (
    <Card title={text('paperAssign')}>
      <p className="quiet">{text('paperAssignLead')}</p>
      <Form
        send={text('paperAssign')}
        onSend={async (values) => {
          const body = { code: values.text('code'), page: values.number('page') ?? 1 };
          await ask('assignScanPage', { params: { scanPageId: page.id }, body });
          say(text('paperAssigned'));
          await refresh();
        }}
      >
        <Field
          label={text('paperCode')}
          hint={text('paperCodeHint')}
          name="code"
          required
          maxLength={60}
          autoComplete="off"
          spellCheck={false}
        />
        <Field label={text('paperPageNumber')} name="page" type="number" min={1} defaultValue={1} required />
      </Form>
    </Card>
  );
}

/** One of the pages; the last one, which bears the signature, unless another is chosen. */
function PageSelect({ pages, label }: { readonly pages: readonly ScanPage[]; readonly label: string }) {
  return (
    <Select
      label={label}
      name="page"
      defaultValue={pages.at(-1)?.id}
      options={pages.map(
        ({ id, sheet }) => [id, sheet === null ? '' : text('paperPageOf', { n: sheet.page, of: sheet.pages })] as const,
      )}
    />
  );
}

interface ReadFormProps extends WorkProps {
  readonly sheet: Sheet;
}

/** What is ticked and written, typed by the page with the signature. */
function ReadForm({ page, pages, sheet }: ReadFormProps) {
  const { questions, reading: before } = page;
  const [asksSame, setAsksSame] = useState(before?.acceptsName === true);
  const goOn = useGoOn();
  const say = useSay();
  return (
    <Form
      draft={`sheet-${page.id}`}
      send={text('paperSaveReading')}
      onSend={async (values) => {
        const written = values.text('written');
        try {
          const { id } = await ask('readSheet', {
            params: { scanPageId: values.text('page') || page.id },
            body: {
              answers: questions.map(
                (_, at) => sheetAnswers.find((one) => one === values.text(`answer ${at}`)) ?? 'none',
              ),
              isNoted: values.isTicked('isNoted'),
              isConsented: values.isTicked('isConsented'),
              isSigned: values.isTicked('isSigned'),
              name: values.text('name'),
              acceptsName: values.isTicked('acceptsName'),
              writtenDate: written === '' ? null : written,
              receivedOn: values.text('receivedOn'),
              wasBeforeLesson: values.isTicked('wasBeforeLesson'),
            },
          });
          say(text('paperReadSaved'));
          await goOn(id);
        } catch (error) {
          if (error instanceof Problem && error.reasons.some(({ code }) => code === 'PAPER_NAME_DIFFERS'))
            setAsksSame(true);
          throw error;
        }
      }}
    >
      <p className="quiet">{text('paperReadLead')}</p>
      {pages.length > 1 && <PageSelect pages={pages} label={text('paperSignedPage')} />}
      <Tick label={text('paperNoted')} name="isNoted" defaultChecked={before?.isNoted === true} />
      <Tick label={text('paperConsented')} name="isConsented" defaultChecked={before?.isConsented === true} />
      {questions.map((question, at) => {
        const answer = before?.answers[at];
        return (
          <div key={question.text} lang={sheet.language}>
            <Choices
              legend={question.text}
              name={`answer ${at}`}
              one
              required
              options={sheetAnswers.map((one) => [one, text(`paperAnswer_${one}`)] as const)}
              chosen={answer === undefined ? [] : [answer]}
            />
          </div>
        );
      })}
      <Tick label={text('paperSigned')} name="isSigned" defaultChecked={before?.isSigned === true} />
      <Field
        label={text('paperName')}
        hint={text('paperNameHint', { name: sheet.signer })}
        name="name"
        maxLength={200}
        autoComplete="off"
        defaultValue={before?.name ?? ''}
      />
      {asksSame && (
        <Tick
          label={text('paperSameName', { name: sheet.signer })}
          name="acceptsName"
          defaultChecked={before?.acceptsName === true}
        />
      )}
      <Field label={text('paperWritten')} name="written" type="date" defaultValue={before?.writtenDate ?? ''} />
      <Field
        label={text('paperReceived')}
        name="receivedOn"
        type="date"
        required
        defaultValue={before?.receivedOn ?? page.receivedOn}
      />
      <Tick
        label={text('paperBeforeLesson')}
        name="wasBeforeLesson"
        defaultChecked={before?.wasBeforeLesson === true}
      />
    </Form>
  );
}

/** Goes to the next sheet that this person can read; or shows this one again, as it is now. */
function useGoOn(): (id: string) => Promise<void> {
  const navigate = useNavigate();
  const refresh = useRefresh();
  return async (id) => {
    const { items } = await ask('listScanPages', { query: { state: 'seen', limit: 200 } });
    const { items: read } = await ask('listScanPages', { query: { state: 'read', limit: 200 } });
    const typed = new Set(read.map(({ sheet }) => sheet?.id));
    const next = items.find(({ sheet }) => sheet !== null && !typed.has(sheet.id));
    await navigate({ to: '/paper/$scanPageId', params: { scanPageId: next?.id ?? id } });
    await refresh();
  };
}

/** What somebody typed, to be compared with the picture. */
function TypedCard({ page, mayConfirm }: { readonly page: Shown; readonly mayConfirm: boolean }) {
  const refresh = useRefresh();
  const say = useSay();
  const { questions, reading, readByName, readAt, sheet } = page;
  if (reading === null || readAt === null) return null;
  const yesNo = (is: boolean) => text(is ? 'paperAnswer_yes' : 'paperAnswer_no');
  return (
    <Card title={text('paperTyped')}>
      <p className="quiet">
        {readByName}, {dateTime(readAt)}
      </p>
      <Facts
        facts={[
          [text('paperNoted'), yesNo(reading.isNoted)],
          [text('paperConsented'), yesNo(reading.isConsented)],
          ...questions.map((question, at) => {
            const answer = reading.answers[at];
            return [question.text, answer === undefined ? '–' : text(`paperAnswer_${answer}`)] as const;
          }),
          [text('paperSigned'), yesNo(reading.isSigned)],
          [text('paperName'), reading.name || '–'],
          [text('paperSameName', { name: sheet?.signer ?? '' }), reading.acceptsName ? yesNo(true) : null],
          [text('paperWritten'), reading.writtenDate === null ? '–' : day(reading.writtenDate)],
          [text('paperReceived'), day(reading.receivedOn)],
          [text('paperBeforeLesson'), yesNo(reading.wasBeforeLesson)],
        ]}
      />
      {mayConfirm && (
        <>
          <p>{text('paperConfirmLead')}</p>
          <ActionButton
            tone="primary"
            onAct={async () => {
              await ask('confirmSheet', { params: { scanPageId: page.id }, body: { readAt } });
              say(text('paperIsAnswer'));
              await refresh();
            }}
          >
            {text('paperConfirm')}
          </ActionButton>
        </>
      )}
    </Card>
  );
}

/** Puts one page aside; of several, the one that is chosen. */
function RejectCard({ pages }: { readonly pages: readonly ScanPage[] }) {
  const refresh = useRefresh();
  return (
    <Card>
      <details>
        <summary>{text('paperReject')}</summary>
        <p className="quiet">{text('paperRejectLead')}</p>
        <Form
          send={text('paperReject')}
          tone="danger"
          onSend={async (values) => {
            const scanPageId = values.text('page') || (pages.at(-1)?.id ?? '');
            await ask('rejectScanPage', { params: { scanPageId }, body: { note: values.text('note') } });
            await refresh();
          }}
        >
          {pages.length > 1 && <PageSelect pages={pages} label={text('paperPageNumber')} />}
          <Field label={text('why')} name="note" required maxLength={1000} />
        </Form>
      </details>
    </Card>
  );
}
