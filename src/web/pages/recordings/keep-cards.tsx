import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import { Problem } from '../../api/problem.ts';
import type { Answer } from '../../api/types.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { ActionButton, Button } from '../../parts/button.tsx';
import { download } from '../../parts/download.ts';
import { Field, Select, TextArea } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card } from '../../parts/page.tsx';
import { usePerson } from '../../shell/session.tsx';
import { currentLanguage, text } from '../../words/current.ts';
import { date, dateTime } from '../../words/format.ts';
import { HoldForm } from '../retention/hold-form.tsx';
import { HoldNotice } from '../retention/hold-notice.tsx';
import type { Recording } from './recording.ts';

/** How long the recording stays, what holds it, and the ways to hold it, to erase it and to seal it again. */
export function KeepCards({ recording }: { readonly recording: Recording }) {
  const person = usePerson();
  const isAdministrator = person.has('administrator');
  const isThere = recording.state !== 'erased';
  return (
    <>
      <Fate recording={recording} isAdministrator={isAdministrator} />
      {isAdministrator && isThere && (
        <>
          <Card>
            <details>
              <summary>{text('holdSet')}</summary>
              <HoldForm recordingId={recording.id} />
            </details>
          </Card>
          <ReSeal recording={recording} />
          <Erase recording={recording} />
        </>
      )}
    </>
  );
}

interface FateProps {
  readonly recording: Recording;
  readonly isAdministrator: boolean;
}

function Fate({ recording, isAdministrator }: FateProps) {
  const { fate, erasure, erasureAsked, reSeal } = recording;
  const refresh = useRefresh();
  return (
    <Card title={text('keepTitle')}>
      {fate !== null && (
        <>
          <p>
            {fate.erasesAt === null
              ? text('keepNoEnd')
              : text('keepUntil', { date: date(fate.erasesAt), why: fate.reason?.text ?? '' })}{' '}
            {fate.holds.length > 0 && text('keepHeld')}
          </p>
          {fate.holds.map((hold) => (
            <HoldNotice key={hold.holdId} holdId={hold.holdId} says={hold.text} mayLift={isAdministrator} />
          ))}
        </>
      )}
      {erasureAsked !== null && isAdministrator && (
        <Notice tone="waits">
          <p>{erasureAsked.sentence}</p>
          <p className="quiet">{text('erasureWaits', { date: dateTime(erasureAsked.effectiveAt) })}</p>
          <ActionButton
            small
            onAct={async () => {
              await ask('callBackRetentionChange', { params: { changeId: erasureAsked.id } });
              await refresh();
            }}
          >
            {text('changeCallBack')}
          </ActionButton>
        </Notice>
      )}
      {reSeal !== null && <ReSealProgress reSeal={reSeal} />}
      {erasure !== null && (
        <p>
          {text('erasedOn', { date: dateTime(erasure.startedAt), why: text(`erasedWhy_${erasure.why}`) })}{' '}
          {erasure.state === 'removing'
            ? text('erasing')
            : erasure.state === 'held'
              ? text('erasedHeld', { date: erasure.heldUntil === null ? '–' : dateTime(erasure.heldUntil) })
              : text('erasedDone')}
        </p>
      )}
      {erasure !== null && isAdministrator && erasure.state !== 'removing' && (
        <Certificate recordingId={recording.id} />
      )}
    </Card>
  );
}

function ReSealProgress({ reSeal }: { readonly reSeal: NonNullable<Recording['reSeal']> }) {
  const { state, doneBytes, totalBytes, error } = reSeal;
  if (state === 'failed') return <Notice tone="bad">{text('reSeal_failed', { why: error ?? '' })}</Notice>;
  if (state === 'done') return <p>{text('reSeal_done')}</p>;
  return (
    <p>
      {text('reSeal_running')}
      <progress aria-label={text('reSealTitle')} max={1} value={totalBytes > 0 ? doneBytes / totalBytes : undefined} />
    </p>
  );
}

/** The certificate is fetched when it is asked for, since that is on the log. */
function Certificate({ recordingId }: { readonly recordingId: string }) {
  const [found, setFound] = useState<Answer<'getCertificate'> | null>(null);
  const name = `emanet-erasure-${recordingId}`;
  const save = (file: string, words: string, type: string) => download(new Blob([words], { type }), file);
  return (
    <>
      <ActionButton onAct={async () => setFound(await ask('getCertificate', { params: { recordingId } }))}>
        {text('certificate')}
      </ActionButton>
      {found !== null && (
        <div className="row">
          <Button small onPress={() => save(`${name}.json`, found.certificate, 'application/json')}>
            {`${name}.json`}
          </Button>
          <Button small onPress={() => save(`${name}.json.asc`, found.signature, 'application/pgp-signature')}>
            {`${name}.json.asc`}
          </Button>
          {found.publicKey !== null && (
            <Button small onPress={() => save('school-key.asc', found.publicKey ?? '', 'application/pgp-keys')}>
              school-key.asc
            </Button>
          )}
        </div>
      )}
      <p className="quiet">{text('certificateHint')}</p>
    </>
  );
}

function ReSeal({ recording: { id } }: { readonly recording: Recording }) {
  const refresh = useRefresh();
  return (
    <Card>
      <details>
        <summary>{text('reSealTitle')}</summary>
        <p>{text('reSealLead')}</p>
        <Form
          send={text('reSealTitle')}
          tone="plain"
          clears
          onSend={async (values) => {
            await ask('reSealRecording', { params: { recordingId: id }, body: { why: values.text('why') } });
            await refresh();
          }}
        >
          <Field label={text('reSealWhy')} name="why" required maxLength={1000} />
        </Form>
      </details>
    </Card>
  );
}

const causes = ['request', 'withdrawal'] as const;

/** Two steps: open, and type the word. */
function Erase({ recording: { id } }: { readonly recording: Recording }) {
  const refresh = useRefresh();
  const word = text('eraseWord');
  return (
    <Card>
      <details>
        <summary>{text('eraseTitle')}</summary>
        <p>{text('eraseLead')}</p>
        <Form
          className="fields"
          send={text('eraseTitle')}
          tone="danger"
          onSend={async (values) => {
            if (values.text('word').toLocaleLowerCase(currentLanguage()) !== word)
              throw new Problem({ title: text('eraseType', { word }) });
            const why = causes.find((one) => one === values.text('cause')) ?? 'request';
            await ask('eraseRecording', { params: { recordingId: id }, body: { note: values.text('note'), why } });
            await refresh();
          }}
        >
          <Select
            label={text('eraseCause')}
            name="cause"
            options={causes.map((one) => [one, text(`erasedWhy_${one}`)] as const)}
          />
          <TextArea label={text('eraseWhy')} hint={text('eraseWhyHint')} name="note" required maxLength={1000} />
          <Field label={text('eraseType', { word })} name="word" required autoComplete="off" spellCheck={false} />
        </Form>
      </details>
    </Card>
  );
}
