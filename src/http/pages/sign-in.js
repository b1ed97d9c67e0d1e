import { actionButton, ask, Problem, problemBox, sendForm } from './api.js';
import { field, h, speak } from './dom.js';
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
  const codeField = h('div', { hidden: true }, field(t('code'), code, t('codeHint')));
  const send = async () => {
    try {
      const body = { email: email.value.trim(), password: password.value, ...(code.value ? { code: code.value } : {}) };
      signedIn(await ask('POST', '/api/session', body));
    } catch (error) {
      if (error instanceof Problem && error.code === 'SECOND_FACTOR_REQUIRED') {
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
    h('p', { class: 'quiet' }, t('signInHint')),
  );
}

/** Sets up the second factor that the roles ask for. */
export function secondFactorView(signedIn) {
  const box = problemBox();
  const card = h('section', { class: 'card narrow' });
  const password = h('input', { type: 'password', autocomplete: 'current-password', required: true, maxLength: 128 });
  const begin = async () => {
    const { totpUri, backupCodes } = await ask('POST', '/api/second-factor', { password: password.value });
    showSteps(totpUri, backupCodes);
  };
  const showSteps = (totpUri, backupCodes) => {
    const secret = new URL(totpUri).searchParams.get('secret') ?? '';
    const code = codeInput();
    code.required = true;
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
    sendForm(
      box,
      begin,
      {},
      field(t('factorPassword'), password),
      box.host,
      h('button', { type: 'submit', class: 'primary wide' }, t('factorBegin')),
    ),
  );
  return card;
}

/** An invitation from `#invitation=TOKEN`; `accepted` gets the new member of staff. */
export function invitationView(token, accepted) {
  const box = problemBox();
  const attributes = { type: 'password', autocomplete: 'new-password', required: true, minLength: 12, maxLength: 128 };
  const password = h('input', attributes);
  const again = h('input', attributes);
  const send = async () => {
    if (password.value !== again.value) throw new Problem({ title: t('passwordsDiffer') });
    accepted(await ask('POST', '/api/invitations/accept', { token, password: password.value, language: language() }));
  };
  return h(
    'section',
    { class: 'card narrow' },
    h('h1', {}, t('inviteTitle')),
    h('p', { class: 'lead' }, t('inviteLead')),
    sendForm(
      box,
      send,
      {},
      field(t('newPassword'), password, t('newPasswordHint')),
      field(t('repeatPassword'), again),
      box.host,
      h('button', { type: 'submit', class: 'primary wide' }, t('accept')),
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

function codeInput() {
  return h('input', {
    type: 'text',
    name: 'code',
    inputMode: 'numeric',
    autocomplete: 'one-time-code',
    pattern: '[0-9]{6}',
    maxLength: 6,
    class: 'digits',
  });
}
