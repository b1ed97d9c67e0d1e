import { type ReactNode, useEffect, useState } from 'react';
import { ask } from '../api/ask.ts';
import { Problem } from '../api/problem.ts';
import { ActionButton } from '../parts/button.tsx';
import { buttonClass } from '../parts/button-class.ts';
import { Field } from '../parts/fields.tsx';
import { Form } from '../parts/form.tsx';
import { text } from '../words/current.ts';
import { answerWithPasskey, hasPasskeys } from './passkey.ts';
import { providerName, signsInLocally } from './provider.ts';
import { type Session, usePerson, useShell } from './session.tsx';

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

/** The provider of single sign-on first, where there is one. */
export function SignInWays({ more, ...form }: SignInFormProps) {
  const name = providerName();
  if (name === null) return <SignInForm more={more} {...form} />;
  const at = location.pathname + location.search;
  return (
    <>
      <p>
        <a
          href={`/sign-in/provider?to=${encodeURIComponent(at)}`}
          className={buttonClass({ tone: 'primary', wide: true })}
        >
          {text('providerSignIn', { name })}
        </a>
      </p>
      {signsInLocally() ? (
        <details>
          <summary>{text('providerOr')}</summary>
          <SignInForm more={more} {...form} />
        </details>
      ) : (
        <p className="quiet">
          <small>
            <a href="#emergency">{text('emergencySignIn')}</a>
          </small>
        </p>
      )}
    </>
  );
}

interface AtProviderProps {
  readonly kind: 'provider' | 'confirm';
  readonly name: string;
  readonly onBack: () => void;
}

/** A link to the provider in another window, so that this page stays as it is; back here, it looks what came of it. */
export function AtProvider({ kind, name, onBack }: AtProviderProps) {
  const [isAway, setAway] = useState(false);
  useEffect(() => {
    if (!isAway) return;
    addEventListener('focus', onBack);
    return () => removeEventListener('focus', onBack);
  }, [isAway, onBack]);
  return (
    <p>
      <a
        href={`/sign-in/${kind}`}
        target="_blank"
        rel="noopener"
        className={buttonClass({ tone: 'primary' })}
        onClick={() => setAway(true)}
      >
        {text(kind === 'confirm' ? 'providerConfirm' : 'providerSignIn', { name })}
      </a>
    </p>
  );
}

/** Somebody whom the provider knows by one factor shows the other one. */
export function SecondFactorForm({ onSignedIn }: Pick<SignInFormProps, 'onSignedIn'>) {
  return (
    <Form
      send={text('signIn')}
      wideButton
      onSend={async (values) => onSignedIn(await ask('finishProviderSignIn', { body: { code: values.text('code') } }))}
      more={
        hasPasskeys() && (
          <ActionButton
            wide
            onAct={async () =>
              onSignedIn(await ask('finishProviderSignIn', { body: { passkey: await answerWithPasskey() } }))
            }
          >
            {text('withPasskey')}
          </ActionButton>
        )
      }
    >
      <CodeField />
    </Form>
  );
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

/** Somebody who is signed in shows again who they are: whom the provider keeps, there. */
export function ConfirmForm({ onConfirmed }: { readonly onConfirmed: () => void }) {
  const { ofProvider } = usePerson();
  const name = providerName();
  if (!ofProvider || name === null) return <ConfirmHere onConfirmed={onConfirmed} />;
  return <ConfirmThere name={name} onConfirmed={onConfirmed} />;
}

function ConfirmThere({ name, onConfirmed }: { readonly name: string; readonly onConfirmed: () => void }) {
  const { session } = useShell();
  const needsCode = session?.codeBesideProvider ?? false;
  return (
    <>
      <p>{text('confirmLeadProvider', { name })}</p>
      <AtProvider kind="confirm" name={name} onBack={needsCode ? nothing : onConfirmed} />
      <Form
        send={text('confirmYes')}
        tone="plain"
        onSend={async (values) => {
          if (needsCode) await ask('confirmSession', { body: { code: values.text('code') } });
          onConfirmed();
        }}
      >
        {needsCode && <CodeField isNew={false} />}
      </Form>
    </>
  );
}

const nothing = () => {};

function ConfirmHere({ onConfirmed }: { readonly onConfirmed: () => void }) {
  const [needsCode, setNeedsCode] = useState(false);
  return (
    <>
      <p>{text('confirmLead')}</p>
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
    </>
  );
}
