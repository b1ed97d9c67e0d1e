import { type ReactNode, useState, useSyncExternalStore } from 'react';
import { ask } from '../../api/ask.ts';
import { Problem } from '../../api/problem.ts';
import { Button } from '../../parts/button.tsx';
import { Field } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Card, Page } from '../../parts/page.tsx';
import { LanguageButton } from '../../shell/language-button.tsx';
import { SecondFactorForm, SignInForm, SignInWays } from '../../shell/proof.tsx';
import { providerName, signsInLocally } from '../../shell/provider.ts';
import { useShell } from '../../shell/session.tsx';
import { currentLanguage, text } from '../../words/current.ts';
import styles from './entry-page.module.css';

/** What the part of the address behind # opens: it never leaves the browser, so a token in it stands in no log. */
const useHash = (): string =>
  useSyncExternalStore(
    (changed) => {
      addEventListener('hashchange', changed);
      return () => removeEventListener('hashchange', changed);
    },
    () => location.hash,
  );
const tokenIn = (hash: string, name: string): string | undefined =>
  new RegExp(`^#${name}=([\\w-]{20,200})$`).exec(hash)?.[1];
const leave = (hash: '' | '#forgotten') => {
  history.replaceState(null, '', location.pathname + location.search + hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
};

/** Where the provider sends the other window back to, after a confirmation. */
const broughtBack = {
  '#provider-confirmed': 'providerConfirmed',
  '#provider-code': 'providerCode',
} as const;

/** What an address opens for everybody, signed in or not: an invitation, a new password. */
export const useOpensByToken = (): boolean => {
  const hash = useHash();
  return (
    tokenIn(hash, 'invitation') !== undefined || tokenIn(hash, 'new-password') !== undefined || hash in broughtBack
  );
};

/** Everything before somebody is signed in. */
export function EntryPage() {
  const hash = useHash();
  const { signedIn } = useShell();
  const [greeting, setGreeting] = useState<string | null>(null);
  const invitation = tokenIn(hash, 'invitation');
  const reset = tokenIn(hash, 'new-password');
  const done = (said: string) => {
    setGreeting(said);
    leave(''); // the token is used up and has no business in the history
  };
  if (invitation !== undefined)
    return (
      <Entry title={text('inviteTitle')} lead={text('inviteLead')}>
        <NewPasswordForm
          send={text('accept')}
          onChosen={async (password) => {
            const body = { token: invitation, password, language: currentLanguage() };
            const { name } = await ask('acceptInvitation', { body });
            done(text('welcome', { name }));
          }}
        />
      </Entry>
    );
  if (reset !== undefined)
    return (
      <Entry title={text('newPasswordTitle')} lead={text('newPasswordLead')}>
        <NewPasswordForm
          send={text('newPasswordSave')}
          onChosen={async (password) => {
            await ask('finishPasswordReset', { body: { token: reset, password } });
            done(text('passwordChosen'));
          }}
        />
      </Entry>
    );
  if (hash in broughtBack)
    return (
      <Entry title={text('providerBack')}>
        <p role="status">{text(broughtBack[hash as keyof typeof broughtBack])}</p>
      </Entry>
    );
  const name = providerName();
  if (hash === '#second-factor' && name !== null)
    return (
      <Entry title={text('signIn')} lead={text('providerSecondFactor', { name })}>
        <SecondFactorForm
          onSignedIn={async (session) => {
            leave('');
            await signedIn(session);
          }}
        />
      </Entry>
    );
  if (hash === '#emergency' && !signsInLocally())
    return (
      <Entry title={text('emergencySignIn')} lead={text('emergencyLead')}>
        <SignInForm onSignedIn={signedIn} />
      </Entry>
    );
  if (hash === '#forgotten') return <Forgotten />;
  return (
    <Entry title={text('signIn')} lead={text('signInLead')}>
      {greeting !== null && (
        <div role="status">
          <Notice tone="good">{greeting}</Notice>
        </div>
      )}
      <SignInWays
        onSignedIn={signedIn}
        more={
          <>
            <p>
              <a href="#forgotten">{text('passwordForgotten')}</a>
            </p>
            <p className="quiet">{text('signInHint')}</p>
          </>
        }
      />
    </Entry>
  );
}

/** Has a link to a new password sent by mail. The answer does not tell whether there is such an account. */
function Forgotten() {
  const [isSent, setSent] = useState(false);
  const back = (
    <p>
      <Button tone="quiet" small onPress={() => leave('')}>
        {text('back')}
      </Button>
    </p>
  );
  return (
    <Entry title={text('passwordForgotten')} lead={isSent ? undefined : text('forgottenLead')}>
      {isSent ? (
        <p role="status">{text('forgottenSent')}</p>
      ) : (
        <Form
          send={text('forgottenSend')}
          wideButton
          onSend={async (values) => {
            await ask('askForPasswordReset', { body: { email: values.text('email') } });
            setSent(true);
          }}
        >
          <Field label={text('email')} type="email" name="email" autoComplete="username" required maxLength={254} />
        </Form>
      )}
      {back}
    </Entry>
  );
}

interface NewPasswordFormProps {
  readonly send: string;
  readonly onChosen: (password: string) => Promise<void>;
}

function NewPasswordForm({ send, onChosen }: NewPasswordFormProps) {
  const attributes = { type: 'password', autoComplete: 'new-password', required: true, minLength: 12, maxLength: 128 };
  return (
    <Form
      send={send}
      wideButton
      onSend={async (values) => {
        if (values.exact('password') !== values.exact('again')) throw new Problem({ title: text('passwordsDiffer') });
        await onChosen(values.exact('password'));
      }}
    >
      <Field label={text('newPassword')} hint={text('newPasswordHint')} name="password" {...attributes} />
      <Field label={text('repeatPassword')} name="again" {...attributes} />
    </Form>
  );
}

interface EntryProps {
  readonly title: string;
  readonly lead?: string | undefined;
  readonly children: ReactNode;
}

/** A narrow page without the menu. */
export function Entry({ title, lead, children }: EntryProps) {
  return (
    <>
      <header className={styles.top}>
        <span className={styles.brand}>
          <img src={new URL('../../icon.svg', import.meta.url).href} alt="" width={28} height={28} /> Emanet
        </span>
        <LanguageButton />
      </header>
      <main className={styles.main}>
        <Page title={title} lead={lead}>
          <Card>{children}</Card>
        </Page>
      </main>
    </>
  );
}
