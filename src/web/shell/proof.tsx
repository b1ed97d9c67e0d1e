import { type ReactNode, useState } from 'react';
import { ask } from '../api/ask.ts';
import { Problem } from '../api/problem.ts';
import { ActionButton } from '../parts/button.tsx';
import { Field } from '../parts/fields.tsx';
import { Form } from '../parts/form.tsx';
import { text } from '../words/current.ts';
import { answerWithPasskey, hasPasskeys } from './passkey.ts';
import { type Session, usePerson } from './session.tsx';

interface CodeFieldProps {
  readonly isNew?: boolean;
}

/** Six digits of the authenticator, or a backup code as it was written down. */
function CodeField({ isNew = true }: CodeFieldProps) {
  return (
    <Field
      label={text('code')}
      hint={text('codeOrBackupHint')}
      name="code"
      autoComplete="one-time-code"
      autoCapitalize="characters"
      spellCheck={false}
      pattern="[0-9]{6}|[A-Za-z0-9 \-]{24,40}"
      maxLength={40}
      required
      autoFocus={isNew}
    />
  );
}

interface SignInFormProps {
  /** The address that is already known, where somebody signs in again. */
  readonly email?: string;
  readonly onSignedIn: (session: Session) => Promise<void>;
  readonly more?: ReactNode;
}

/** E-mail and password; a code when the server wants one. */
export function SignInForm({ email, onSignedIn, more }: SignInFormProps) {
  const [needsCode, setNeedsCode] = useState(false);
  return (
    <>
      <Form
        send={text('signIn')}
        wideButton
        onSend={async (values) => {
          const code = values.text('code');
          try {
            const body = { email: values.text('email'), password: values.exact('password') };
            await onSignedIn(await ask('signIn', { body: code === '' ? body : { ...body, code } }));
          } catch (error) {
            if (!wantsCode(error) || needsCode) throw error;
            setNeedsCode(true);
          }
        }}
      >
        <Field
          label={text('email')}
          type="email"
          name="email"
          autoComplete="username"
          defaultValue={email}
          required
          maxLength={254}
        />
        <PasswordField />
        {needsCode && <CodeField />}
      </Form>
      {hasPasskeys() && (
        <div className="row">
          <ActionButton
            wide
            onAct={async () =>
              onSignedIn(await ask('signInWithPasskey', { body: { answer: await answerWithPasskey() } }))
            }
          >
            {text('signInWithPasskey')}
          </ActionButton>
        </div>
      )}
      {more}
    </>
  );
}

const wantsCode = (error: unknown) => error instanceof Problem && error.code === 'SECOND_FACTOR_REQUIRED';

/** Whose password a form is about: password managers look for it, and nobody sees it. */
export function AccountName() {
  return <input type="email" autoComplete="username" value={usePerson().email} readOnly hidden />;
}

function PasswordField() {
  return (
    <Field
      label={text('password')}
      type="password"
      name="password"
      autoComplete="current-password"
      required
      maxLength={128}
    />
  );
}

/** Somebody who is signed in shows again who they are. */
export function ConfirmForm({ onConfirmed }: { readonly onConfirmed: () => void }) {
  const [needsCode, setNeedsCode] = useState(false);
  return (
    <Form
      send={text('confirmYes')}
      onSend={async (values) => {
        const code = values.text('code');
        try {
          const password = values.exact('password');
          await ask('confirmSession', { body: code === '' ? { password } : { password, code } });
          onConfirmed();
        } catch (error) {
          if (!wantsCode(error) || needsCode) throw error;
          setNeedsCode(true);
        }
      }}
      more={
        hasPasskeys() && (
          <ActionButton
            onAct={async () => {
              await ask('confirmSession', { body: { passkey: await answerWithPasskey() } });
              onConfirmed();
            }}
          >
            {text('withPasskey')}
          </ActionButton>
        )
      }
    >
      <AccountName />
      <PasswordField />
      {needsCode && <CodeField />}
    </Form>
  );
}
