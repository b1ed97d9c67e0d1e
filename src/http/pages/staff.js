import { run, sessionList } from './account.js';
import { actionButton, ask, problemBox, sendForm } from './api.js';
import { confirmed, field, h, speak } from './dom.js';
import { copyButton } from './sign-in.js';
import { dateTime, t } from './texts.js';

const roles = ['teacher', 'reviewer', 'administrator', 'auditor'];

/** Accounts and invitations, for administrators. */
export function staffView(me) {
  const page = h('div', {}, h('h1', {}, t('staff')));
  const box = problemBox();
  const resets = h('section', {});
  const people = h('section', { class: 'card' });
  const said = h('div', { role: 'status' });
  const load = async () => {
    const [{ items }, waiting, invitations] = await Promise.all([
      ask('GET', '/api/staff'),
      ask('GET', '/api/second-factor-resets'),
      ask('GET', '/api/invitations'),
    ]);
    resets.replaceChildren(...waiting.items.map((reset) => resetCard(reset, me, box, load)));
    const open = invitations.items.filter((one) => !one.acceptedAt && !one.revokedAt);
    people.replaceChildren(
      h(
        'ul',
        { class: 'plain' },
        items.map((one) => personRow(one, me, box, load, said)),
      ),
      ...(open.length > 0
        ? [
            h('h2', {}, t('openInvitations')),
            h(
              'ul',
              { class: 'plain' },
              open.map((one) =>
                h(
                  'li',
                  { class: 'row' },
                  h(
                    'span',
                    {},
                    `${one.name} · ${one.email}`,
                    ' ',
                    h('small', {}, t('untilTime', { time: dateTime(one.expiresAt) })),
                  ),
                  actionButton(
                    t('revoke'),
                    box,
                    async () => {
                      await ask('DELETE', `/api/invitations/${one.id}`);
                      await load();
                    },
                    { class: 'small' },
                  ),
                ),
              ),
            ),
          ]
        : []),
    );
  };
  page.append(box.host, said, resets, people, inviteCard(box, load, said));
  run(box, load, people);
  return page;
}

function personRow(one, me, box, load, said) {
  const isMe = one.id === me.id;
  const sessions = h('div', {});
  const showSessions = async () => {
    const path = `/api/staff/${one.id}/sessions`;
    const { items } = await ask('GET', path);
    sessions.replaceChildren(
      items.length === 0 ? h('p', { class: 'quiet' }, t('noSessions')) : sessionList(items, path, box, showSessions),
    );
  };
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'row' },
      h(
        'span',
        {},
        h('strong', {}, one.name),
        ` · ${one.email}`,
        h('br'),
        h(
          'small',
          {},
          [
            one.roles.map((role) => t(role)).join(', '),
            one.secondFactor ? t('hasSecondFactor') : t('hasNoSecondFactor'),
            one.disabledAt && t('accountDisabled'),
          ]
            .filter(Boolean)
            .join(' · '),
        ),
      ),
    ),
    !isMe &&
      h(
        'div',
        { class: 'row' },
        actionButton(t('sessions'), box, showSessions, { class: 'small' }),
        !one.disabledAt &&
          actionButton(
            t('sendNewPassword'),
            box,
            async () => {
              const { url } = await ask('POST', `/api/staff/${one.id}/password-reset`);
              said.replaceChildren(
                h(
                  'div',
                  { class: 'notice' },
                  h(
                    'p',
                    {},
                    url ? t('passwordLinkByHand', { name: one.name }) : t('passwordLinkSent', { name: one.name }),
                  ),
                  ...(url ? [h('p', { class: 'address' }, url), copyButton(url, box)] : []),
                ),
              );
              said.scrollIntoView({ block: 'nearest' });
            },
            { class: 'small' },
          ),
        one.secondFactor &&
          actionButton(
            t('resetFactor'),
            box,
            async () => {
              const isSure = await confirmed({
                title: t('resetFactor'),
                text: t('resetFactorText', { name: one.name }),
                yes: t('askForIt'),
                no: t('cancel'),
              });
              if (!isSure) return;
              await ask('POST', `/api/staff/${one.id}/second-factor-reset`);
              await load();
            },
            { class: 'small' },
          ),
        actionButton(
          one.disabledAt ? t('enableAccount') : t('disableAccount'),
          box,
          async () => {
            if (!one.disabledAt) {
              const isSure = await confirmed({
                title: t('disableAccount'),
                text: t('disableAccountText', { name: one.name }),
                yes: t('disableAccount'),
                no: t('cancel'),
              });
              if (!isSure) return;
            }
            await ask('PATCH', `/api/staff/${one.id}`, { disabled: !one.disabledAt });
            await load();
          },
          { class: 'small' },
        ),
      ),
    sessions,
  );
}

function resetCard(reset, me, box, load) {
  const decide = (method, path) => async () => {
    await ask(method, `/api/second-factor-resets/${reset.id}${path}`);
    await load();
  };
  const isMine = reset.requestedById === me.id || reset.userId === me.id;
  return h(
    'div',
    { class: 'notice' },
    h('p', {}, t('factorResetWaits', { name: reset.user.name, time: dateTime(reset.requestedAt) })),
    h('p', { class: 'quiet' }, isMine ? t('factorResetOther') : t('factorResetAskFirst', { name: reset.user.name })),
    h(
      'div',
      { class: 'row' },
      !isMine && actionButton(t('factorResetConfirm'), box, decide('POST', '/confirm'), { class: 'danger' }),
      actionButton(t('factorResetCancel'), box, decide('DELETE', '')),
    ),
  );
}

function inviteCard(box, load, said) {
  const email = h('input', { type: 'email', required: true, maxLength: 254, autocomplete: 'off' });
  const name = h('input', { required: true, maxLength: 120, autocomplete: 'off' });
  const boxes = roles.map((role) => h('input', { type: 'checkbox', value: role, id: `invite-${role}` }));
  const send = async (form) => {
    const chosen = boxes.filter((one) => one.checked).map((one) => one.value);
    const invitation = await ask('POST', '/api/invitations', {
      email: email.value.trim(),
      name: name.value,
      roles: chosen,
    });
    const url = `${location.origin}/#invitation=${invitation.token}`;
    form.reset();
    said.replaceChildren(
      h(
        'div',
        { class: 'notice' },
        h('p', {}, t('invited', { name: invitation.name })),
        h('p', { class: 'address' }, url),
        copyButton(url, box),
      ),
    );
    speak(t('invited', { name: invitation.name }));
    await load();
  };
  return h(
    'section',
    { class: 'card narrow' },
    h('h2', {}, t('invite')),
    sendForm(
      box,
      send,
      {},
      field(t('email'), email),
      field(t('fullName'), name),
      h(
        'fieldset',
        {},
        h('legend', {}, t('rolesOf')),
        boxes.map((one) => h('p', { class: 'check' }, one, h('label', { htmlFor: one.id }, t(one.value)))),
      ),
      h('button', { type: 'submit', class: 'primary' }, t('invite')),
    ),
  );
}
