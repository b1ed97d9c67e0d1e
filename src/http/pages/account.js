import { actionButton, ask, Problem, problemBox, sendForm } from './api.js';
import { confirmed, field, h, speak } from './dom.js';
import { hasPasskeys, makePasskey } from './passkey.js';
import { copyButton, secondFactorView } from './sign-in.js';
import { dateTime, t, tn } from './texts.js';

/** What a person does with their own account: password, second factor, passkeys, sessions. */
export function accountView(changed) {
  const page = h('div', {}, h('h1', {}, t('account')));
  const parts = [passwordPart(), factorPart(changed), hasPasskeys() && passkeysPart(), sessionsPart()];
  page.append(...parts.filter(Boolean));
  return page;
}

function passwordPart() {
  const box = problemBox();
  const input = (autocomplete) =>
    h('input', {
      type: 'password',
      autocomplete,
      required: true,
      maxLength: 128,
      ...(autocomplete === 'new-password' ? { minLength: 12 } : {}),
    });
  const [old, next, again] = [input('current-password'), input('new-password'), input('new-password')];
  const said = h('p', { class: 'notice', role: 'status', hidden: true }, t('passwordChanged'));
  const send = async (form) => {
    said.hidden = true;
    if (next.value !== again.value) throw new Problem({ title: t('passwordsDiffer') });
    await ask('PUT', '/api/session/password', { password: old.value, newPassword: next.value });
    form.reset();
    said.hidden = false;
    speak(t('passwordChanged'));
  };
  return h(
    'section',
    { class: 'card narrow' },
    h('h2', {}, t('changePassword')),
    sendForm(
      box,
      send,
      {},
      field(t('currentPassword'), old),
      field(t('newPassword'), next, t('newPasswordHint')),
      field(t('repeatPassword'), again),
      box.host,
      said,
      h('button', { type: 'submit', class: 'primary' }, t('changePassword')),
    ),
  );
}

function factorPart(changed) {
  const box = problemBox();
  const host = h('section', { class: 'card narrow' });
  const load = async () => {
    const factors = await ask('GET', '/api/second-factor');
    const shown = [
      h('h2', {}, t('secondFactor')),
      h('p', {}, factors.authenticator ? t('authenticatorThere') : t('authenticatorNone')),
      h('p', { class: 'quiet' }, tn('backupCodesLeft', factors.backupCodes)),
      box.host,
      h(
        'div',
        { class: 'row' },
        h(
          'button',
          { type: 'button', on: { click: () => host.replaceWith(secondFactorView(changed)) } },
          factors.authenticator ? t('authenticatorReplace') : t('authenticatorSetUp'),
        ),
        (factors.authenticator || factors.passkeys > 0) &&
          actionButton(t('backupCodesNew'), box, async () => {
            const { backupCodes } = await ask('POST', '/api/second-factor/backup-codes');
            host.append(
              h('p', {}, t('backupCodesKeep')),
              h(
                'ul',
                { class: 'codes' },
                backupCodes.map((one) => h('li', {}, h('code', {}, one))),
              ),
              h('p', {}, copyButton(backupCodes.join('\n'), box)),
            );
          }),
        factors.authenticator &&
          actionButton(t('authenticatorRemove'), box, async () => {
            const isSure = await confirmed({
              title: t('authenticatorRemove'),
              text: t('authenticatorRemoveText'),
              yes: t('remove'),
              no: t('cancel'),
            });
            if (!isSure) return;
            await ask('DELETE', '/api/second-factor');
            await load();
          }),
      ),
    ];
    host.replaceChildren(...shown);
  };
  run(box, load, host);
  return host;
}

function passkeysPart() {
  const box = problemBox();
  const host = h('section', { class: 'card narrow' });
  const name = h('input', { required: true, maxLength: 80, placeholder: t('passkeyNameExample') });
  const load = async () => {
    const { items } = await ask('GET', '/api/passkeys');
    host.replaceChildren(
      h('h2', {}, t('passkeys')),
      h('p', { class: 'quiet' }, t('passkeysLead')),
      items.length === 0
        ? h('p', { class: 'empty' }, t('passkeysNone'))
        : h(
            'ul',
            { class: 'plain' },
            items.map((one) =>
              h(
                'li',
                { class: 'row' },
                h(
                  'span',
                  {},
                  one.name,
                  ' ',
                  h(
                    'small',
                    {},
                    one.lastUsedAt
                      ? t('usedAt', { time: dateTime(one.lastUsedAt) })
                      : t('madeAt', { time: dateTime(one.createdAt) }),
                  ),
                ),
                actionButton(
                  t('remove'),
                  box,
                  async () => {
                    await ask('DELETE', `/api/passkeys/${one.id}`);
                    await load();
                  },
                  { class: 'small', 'aria-label': t('removeNamed', { name: one.name }) },
                ),
              ),
            ),
          ),
      sendForm(
        box,
        async () => {
          const answer = await makePasskey();
          await ask('POST', '/api/passkeys', { name: name.value, answer });
          name.value = '';
          await load();
          speak(t('passkeyAdded'));
        },
        {},
        field(t('passkeyName'), name),
        box.host,
        h('button', { type: 'submit' }, t('passkeyAdd')),
      ),
    );
  };
  run(box, load, host);
  return host;
}

function sessionsPart() {
  const box = problemBox();
  const host = h('section', { class: 'card narrow' });
  const load = async () => {
    const { items } = await ask('GET', '/api/sessions');
    host.replaceChildren(h('h2', {}, t('sessions')), box.host, sessionList(items, '/api/sessions', box, load));
  };
  run(box, load, host);
  return host;
}

/** Open sessions, each with a button that ends it. */
export function sessionList(items, path, box, ended) {
  return h(
    'ul',
    { class: 'plain' },
    items.map((one) =>
      h(
        'li',
        { class: 'row' },
        h(
          'span',
          {},
          deviceOf(one.userAgent),
          h('br'),
          h('small', {}, t('sessionTimes', { from: dateTime(one.createdAt), seen: dateTime(one.seenAt) })),
        ),
        one.current
          ? h('small', {}, t('thisSession'))
          : actionButton(
              t('endSession'),
              box,
              async () => {
                await ask('DELETE', `${path}/${one.id}`);
                await ended();
              },
              { class: 'small' },
            ),
      ),
    ),
  );
}

/** Browser and system, as people call them; else what the device says of itself. */
function deviceOf(userAgent) {
  if (!userAgent) return t('unknownDevice');
  const first = (names) => names.find(([, pattern]) => pattern.test(userAgent))?.[0];
  const browser = first([
    ['Edge', /Edg\//],
    ['Opera', /OPR\//],
    ['Firefox', /Firefox\//],
    ['Chrome', /Chrome\//],
    ['Safari', /Safari\//],
  ]);
  const system = first([
    ['Android', /Android/],
    ['iPhone', /iPhone/],
    ['iPad', /iPad/],
    ['Windows', /Windows/],
    ['macOS', /Mac OS X/],
    ['ChromeOS', /CrOS/],
    ['Linux', /Linux/],
  ]);
  return browser ? [browser, system].filter(Boolean).join(', ') : userAgent.slice(0, 60);
}

/** Loads a part; until then, and when it fails, it says so. */
export function run(box, load, host) {
  host.append(h('p', { class: 'quiet' }, t('loading')));
  load().catch((error) => {
    host.replaceChildren(box.host);
    box.show(error);
  });
}
