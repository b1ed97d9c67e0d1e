import { actionButton, ask, Problem, problemBox, sendForm } from './api.js';
import { field, h } from './dom.js';
import { answerWithPasskey, hasPasskeys } from './passkey.js';
import { t } from './texts.js';

/** Asks the person to show again who they are. Resolves to whether they did. */
export function confirmInDialog() {
  return new Promise((resolve) => {
    const box = problemBox();
    const password = h('input', {
      type: 'password',
      autocomplete: 'current-password',
      required: true,
      maxLength: 128,
      autofocus: true,
    });
    const code = codeInput();
    const codeField = h('div', { hidden: true }, field(t('code'), code, t('codeOrBackupHint')));
    const done = async (proof) => {
      await ask('POST', '/api/session/confirm', proof);
      dialog.close('yes');
    };
    const send = async () => {
      try {
        await done({ password: password.value, ...(code.value ? { code: code.value.trim() } : {}) });
      } catch (error) {
        if (!(error instanceof Problem && error.code === 'SECOND_FACTOR_REQUIRED')) throw error;
        codeField.hidden = false;
        code.required = true;
        code.focus();
      }
    };
    const dialog = h(
      'dialog',
      {
        'aria-labelledby': 'confirm-title',
        on: {
          close: () => {
            dialog.remove();
            resolve(dialog.returnValue === 'yes');
          },
        },
      },
      h('h2', { id: 'confirm-title' }, t('confirmTitle')),
      h('p', {}, t('confirmLead')),
      sendForm(
        box,
        send,
        {},
        field(t('password'), password),
        codeField,
        box.host,
        h(
          'div',
          { class: 'row end' },
          h('button', { type: 'button', on: { click: () => dialog.close('no') } }, t('cancel')),
          hasPasskeys() &&
            actionButton(t('withPasskey'), box, async () => done({ passkey: await answerWithPasskey() })),
          h('button', { type: 'submit', class: 'primary' }, t('confirmYes')),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Six digits, or a backup code as it was written down. */
export function codeInput() {
  return h('input', {
    type: 'text',
    name: 'code',
    autocomplete: 'one-time-code',
    autocapitalize: 'characters',
    spellcheck: false,
    pattern: '[0-9]{6}|[A-Za-z0-9 \\-]{24,40}',
    maxLength: 40,
    class: 'digits',
  });
}
