import { actionButton, ask, Problem, problemBox, sendForm } from './api.js';
import { codeInput } from './confirm.js';
import { field, h, speak } from './dom.js';
import { answerWithPasskey, hasPasskeys } from './passkey.js';
import { language, t } from './texts.js';

/** E-mail and password; the code is asked for when the server wants one. `signedIn` gets the session. */
export function signInView(signedIn, greeting) {
  const box = problemBox();
  const email = h('input', { type: 'email', name: 'email', autocomplete: 'username', required: true, maxLength: 254 });
  const password = h('input', {
    type: 'password',
    name: 'password',
    autocomplete: 'current-password',
    required: true,
    maxLength: 128,
  });
  const code = codeInput();
  const codeField = h('div', { hidden: true }, field(t('code'), code, t('codeOrBackupHint')));
  const send = async () => {
    try {
      const body = {
        email: email.value.trim(),
        password: password.value,
        ...(code.value ? { code: code.value.trim() } : {}),
      };
      signedIn(await ask('POST', '/api/session', body));
    } catch (error) {
      if (error instanceof Problem && error.code === 'SECOND_FACTOR_REQUIRED' && codeField.hidden) {
        codeField.hidden = false;
        code.required = true;
        code.focus();
        speak(t('codeHint'));
        return;
      }
      if (!codeField.hidden) code.value = '';
      throw error;
    }
  };
  return h(
    'section',
    { class: 'card narrow' },
    h('h1', {}, t('signIn')),
    h('p', { class: 'lead' }, t('signInLead')),
    greeting && h('p', { class: 'notice', role: 'status' }, greeting),
    sendForm(
      box,
      send,
      {},
      field(t('email'), email),
      field(t('password'), password),
      codeField,
      box.host,
      h('button', { type: 'submit', class: 'primary wide' }, t('signIn')),
    ),
    hasPasskeys() &&
      actionButton(
        t('signInWithPasskey'),
        box,
        async () => signedIn(await ask('POST', '/api/session/passkey', { answer: await answerWithPasskey() })),
        { class: 'wide' },
      ),
    h('p', {}, h('a', { href: '#/forgotten' }, t('passwordForgotten'))),
    h('p', { class: 'quiet' }, t('signInHint')),
  );
}

/** Has a link to a new password sent by mail. The answer does not tell whether there is such an account. */
export function forgottenView() {
  const box = problemBox();
  const email = h('input', { type: 'email', autocomplete: 'username', required: true, maxLength: 254 });
  const card = h('section', { class: 'card narrow' });
  const send = async () => {
    await ask('POST', '/api/password-reset', { email: email.value.trim() });
    card.replaceChildren(h('h1', {}, t('passwordForgotten')), h('p', { role: 'status' }, t('forgottenSent')));
    speak(t('forgottenSent'));
  };
  card.append(
    h('h1', {}, t('passwordForgotten')),
    h('p', { class: 'lead' }, t('forgottenLead')),
    sendForm(
      box,
      send,
      {},
      field(t('email'), email),
      box.host,
      h('button', { type: 'submit', class: 'primary wide' }, t('forgottenSend')),
    ),
    h('p', {}, h('a', { href: '#/' }, t('back'))),
  );
  return card;
}

/** A link from `#new-password=TOKEN`; `chosen` is called when the password is. */
export function newPasswordView(token, chosen) {
  return choosePassword({
    title: t('newPasswordTitle'),
    lead: t('newPasswordLead'),
    button: t('newPasswordSave'),
    async send(password) {
      await ask('POST', '/api/password-reset/finish', { token, password });
      chosen();
    },
  });
}

/** Sets up the second factor that the roles ask for. */
export function secondFactorView(signedIn) {
  const box = problemBox();
  const card = h('section', { class: 'card narrow' });
  const begin = async () => {
    const { totpUri, backupCodes } = await ask('POST', '/api/second-factor');
    showSteps(totpUri, backupCodes);
  };
  const showSteps = (totpUri, backupCodes) => {
    const secret = new URL(totpUri).searchParams.get('secret') ?? '';
    const code = codeInput();
    code.required = true;
    code.inputMode = 'numeric';
    code.pattern = '[0-9]{6}';
    code.maxLength = 6;
    const kept = h('input', { type: 'checkbox', required: true, id: 'kept' });
    card.replaceChildren(
      h('h1', {}, t('factorTitle')),
      h('p', {}, t('factorStep1')),
      h(
        'dl',
        {},
        h('dt', {}, t('factorSecret')),
        h(
          'dd',
          {},
          h('code', { id: 'secret', class: 'secret' }, secret.match(/.{1,4}/g)?.join(' ') ?? secret),
          ' ',
          copyButton(secret, box),
        ),
        h('dt', {}, t('factorUri')),
        h('dd', {}, h('a', { href: totpUri, class: 'address', id: 'totp-uri' }, totpUri)),
      ),
      h('p', {}, t('factorStep2')),
      h(
        'ul',
        { class: 'codes' },
        backupCodes.map((one) => h('li', {}, h('code', {}, one))),
      ),
      h('p', {}, copyButton(backupCodes.join('\n'), box)),
      sendForm(
        box,
        async () => signedIn(await ask('POST', '/api/second-factor/verify', { code: code.value })),
        {},
        h('p', { class: 'check' }, kept, h('label', { htmlFor: 'kept' }, t('factorKept'))),
        h('p', {}, t('factorStep3')),
        field(t('code'), code, t('codeHint')),
        box.host,
        h('button', { type: 'submit', class: 'primary wide' }, t('factorFinish')),
      ),
    );
    card.querySelector('h1').tabIndex = -1;
    card.querySelector('h1').focus();
  };
  card.append(
    h('h1', {}, t('factorTitle')),
    h('p', { class: 'lead' }, t('factorLead')),
    sendForm(box, begin, {}, box.host, h('button', { type: 'submit', class: 'primary wide' }, t('factorBegin'))),
  );
  return card;
}

/** An invitation from `#invitation=TOKEN`; `accepted` gets the new member of staff. */
export function invitationView(token, accepted) {
  return choosePassword({
    title: t('inviteTitle'),
    lead: t('inviteLead'),
    button: t('accept'),
    async send(password) {
      accepted(await ask('POST', '/api/invitations/accept', { token, password, language: language() }));
    },
  });
}

function choosePassword({ title, lead, button, send }) {
  const box = problemBox();
  const attributes = { type: 'password', autocomplete: 'new-password', required: true, minLength: 12, maxLength: 128 };
  const password = h('input', attributes);
  const again = h('input', attributes);
  return h(
    'section',
    { class: 'card narrow' },
    h('h1', {}, title),
    h('p', { class: 'lead' }, lead),
    sendForm(
      box,
      async () => {
        if (password.value !== again.value) throw new Problem({ title: t('passwordsDiffer') });
        await send(password.value);
      },
      {},
      field(t('newPassword'), password, t('newPasswordHint')),
      field(t('repeatPassword'), again),
      box.host,
      h('button', { type: 'submit', class: 'primary wide' }, button),
    ),
  );
}

export function copyButton(text, box) {
  return actionButton(
    t('copy'),
    box,
    async (button) => {
      await navigator.clipboard.writeText(text);
      button.textContent = t('copied');
      speak(t('copied'));
    },
    { class: 'small' },
  );
}
