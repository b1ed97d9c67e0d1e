import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Answer } from '../../api/types.ts';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Field, Tick } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { useShell } from '../../shell/session.tsx';
import { text } from '../../words/current.ts';
import { BackupCodes } from './backup-codes.tsx';
import { Entry } from './entry-page.tsx';

/** Sets up the second factor that the roles ask for, or that somebody wants. */
export function SecondFactorPage() {
  const { signedIn } = useShell();
  return <SecondFactorSteps onDone={signedIn} />;
}

interface StepsProps {
  readonly onDone: (session: Answer<'verifySecondFactor'>) => Promise<void>;
}

export function SecondFactorSteps({ onDone }: StepsProps) {
  const [begun, setBegun] = useState<Answer<'beginSecondFactor'> | null>(null);
  if (begun === null)
    return (
      <Entry title={text('factorTitle')} lead={text('factorLead')}>
        <Form send={text('factorBegin')} wideButton onSend={async () => setBegun(await ask('beginSecondFactor', {}))}>
          {null}
        </Form>
      </Entry>
    );
  const secret = new URL(begun.totpUri).searchParams.get('secret') ?? '';
  return (
    <Entry title={text('factorTitle')}>
      <p>{text('factorStep1')}</p>
      <dl>
        <dt>{text('factorSecret')}</dt>
        <dd>
          <code id="secret">{secret.match(/.{1,4}/g)?.join(' ') ?? secret}</code> <CopyButton text={secret} />
        </dd>
        <dt>{text('factorUri')}</dt>
        <dd>
          <a href={begun.totpUri} id="totp-uri">
            {begun.totpUri}
          </a>
        </dd>
      </dl>
      <p>{text('factorStep2')}</p>
      <BackupCodes codes={begun.backupCodes} />
      <Form
        send={text('factorFinish')}
        wideButton
        onSend={async (values) => onDone(await ask('verifySecondFactor', { body: { code: values.text('code') } }))}
      >
        <Tick label={text('factorKept')} name="kept" required />
        <p>{text('factorStep3')}</p>
        <Field
          label={text('code')}
          hint={text('codeHint')}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          pattern="[0-9]{6}"
          maxLength={6}
          required
        />
      </Form>
    </Entry>
  );
}
