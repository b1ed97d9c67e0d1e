import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Answer } from '../../api/types.ts';
import { useRefresh } from '../../api/use-ask.ts';
import { ActionButton, Button } from '../../parts/button.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { download } from '../../parts/download.ts';
import { Field, Group, Select, Tick } from '../../parts/fields.tsx';
import { FileButton } from '../../parts/file-button.tsx';
import { Form } from '../../parts/form.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card } from '../../parts/page.tsx';
import { signsInLocally } from '../../shell/provider.ts';
import { label, text } from '../../words/current.ts';
import styles from './schools.module.css';

/** The recovery key of a school that is to be opened: made just now, or a public half that somebody brought. */
type RecoveryKey = Answer<'makeRecoveryKey'> | { readonly publicKey: string; readonly file: string };
type Opened = Answer<'openSchool'> & { readonly email: string | null };

const presets = ['tr', 'uk'] as const;

/**
 * Opens a school in two steps. First its recovery key: the server keeps nothing of one that it makes, so the school begins
 * once the key is in somebody's hands. What is lost before costs nothing.
 */
export function OpenSchoolCard() {
  const [recovery, setRecovery] = useState<RecoveryKey | null>(null);
  const [opened, setOpened] = useState<Opened | null>(null);
  const refresh = useRefresh();
  return (
    <Card title={text('schoolOpen')}>
      <div role="status">{opened !== null && <OpenedNotice {...opened} />}</div>
      <p>{text('schoolOpenLead')}</p>
      {recovery === null ? (
        <div className="row">
          <ActionButton
            tone="primary"
            onAct={async () => {
              setOpened(null);
              setRecovery(await ask('makeRecoveryKey', {}));
            }}
          >
            {text('recoveryMake')}
          </ActionButton>
          <FileButton
            label={text('recoveryOwn')}
            accept=".asc,.pgp,.gpg,text/plain"
            onChosen={async ([file]) => {
              if (file === undefined) return;
              setOpened(null);
              setRecovery({ publicKey: await file.text(), file: file.name });
            }}
          />
        </div>
      ) : (
        <Form
          send={text('schoolOpen')}
          more={<Button onPress={() => setRecovery(null)}>{text('cancel')}</Button>}
          onSend={async (values) => {
            const email = signsInLocally() ? values.text('email') : null;
            const body = {
              name: values.text('name'),
              rules: presets.find((one) => one === values.text('rules')) ?? 'tr',
              recoveryKey: recovery.publicKey,
              administrator: email === null ? null : { email, name: values.text('administrator') },
            };
            setOpened({ ...(await ask('openSchool', { body })), email });
            setRecovery(null);
            await refresh();
          }}
        >
          <RecoveryFields recovery={recovery} />
          <Field label={text('schoolName')} name="name" autoComplete="off" required maxLength={200} />
          <Select
            label={text('rulesPreset')}
            name="rules"
            options={presets.map((one) => [one, label('rulePreset', one)] as const)}
          />
          {signsInLocally() ? (
            <Group legend={text('schoolAdministrator')}>
              <Field label={text('email')} name="email" type="email" autoComplete="off" required maxLength={254} />
              <Field label={text('fullName')} name="administrator" autoComplete="off" required maxLength={120} />
            </Group>
          ) : (
            <p className="quiet">{text('schoolByGroups')}</p>
          )}
        </Form>
      )}
    </Card>
  );
}

/** The secrets of a key that was made just now, shown here and never again. */
function RecoveryFields({ recovery }: { readonly recovery: RecoveryKey }) {
  if ('file' in recovery) return <p>{text('recoveryGiven', { file: recovery.file })}</p>;
  const { privateKey, passphrase, fingerprint } = recovery;
  return (
    <Group legend={text('recoveryKey')} hint={text('recoveryLead')}>
      <p>{text('recoveryPassphrase')}</p>
      <p>
        <code className={styles.secret}>{passphrase}</code>
      </p>
      <p>
        <Button
          small
          onPress={() =>
            download(new Blob([privateKey], { type: 'application/pgp-keys' }), `recovery-${fingerprint}.asc`)
          }
        >
          {text('recoverySave')}
        </Button>
      </p>
      <Tick label={text('recoveryTaken')} name="taken" required />
    </Group>
  );
}

function OpenedNotice({ name, email, invitationUrl }: Opened) {
  return (
    <Notice tone="good">
      <p>{text('schoolOpened', { name })}</p>
      {email !== null && (
        <p>{invitationUrl === null ? text('schoolInvited', { email }) : text('schoolInvitedByHand', { email })}</p>
      )}
      {invitationUrl !== null && (
        <div className="row">
          <code>{invitationUrl}</code> <CopyButton text={invitationUrl} />
        </div>
      )}
    </Notice>
  );
}
