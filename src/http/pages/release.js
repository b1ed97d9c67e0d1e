import { actionButton, ask, problemBox, reasonList, sendForm } from './api.js';
import { choices, confirmed, field, h, speak } from './dom.js';
import { staffRendition } from './player.js';
import { copyButton } from './sign-in.js';
import { dateTime, t } from './texts.js';

const audiences = ['class', 'school', 'sites', 'families'];

/** The last moment of a day that somebody chose. */
const endOf = (day) => new Date(`${day}T23:59:59`).toISOString();
const dayIn = (days) => new Date(Date.now() + days * 86_400_000).toLocaleDateString('sv');

/** Rendition, approval, release and personal links, as far as the person's roles go. */
export function releaseParts(context, part) {
  const isAdministrator = context.has('administrator');
  return [
    (isAdministrator || context.has('reviewer')) &&
      part(
        ({ rendition, state }) => ({
          id: rendition?.state === 'ready' ? rendition.id : null,
          isOpen: ['cleared', 'approved', 'released'].includes(state),
        }),
        ({ id, isOpen }) => id && isOpen && renditionCard(context),
      ),
    isAdministrator &&
      part(
        ({ state }) => state,
        (state) => state === 'cleared' && approvalCard(context),
      ),
    isAdministrator &&
      part(
        ({ state, rendition, lessonId }) => ({ state, lessonId, isReady: rendition?.state === 'ready' }),
        ({ state, lessonId, isReady }) =>
          state === 'approved' &&
          (isReady
            ? releaseCard(context, lessonId)
            : h('section', { class: 'card' }, h('h2', {}, t('releaseTitle')), h('p', {}, t('releaseWaits')))),
      ),
    part(
      ({ release, state }) => state === 'released' && release,
      (release) => release && releasedCard(context, release),
    ),
  ];
}

function renditionCard({ recordingId }) {
  const box = problemBox();
  return h(
    'section',
    { class: 'card player' },
    h('h2', {}, t('renditionTitle')),
    staffRendition(`/api/recordings/${recordingId}/rendition`, box),
    box.host,
  );
}

function approvalCard(context) {
  const box = problemBox();
  const approve = actionButton(
    t('approve'),
    box,
    async () => {
      if (await confirmed({ title: t('approveAsk'), text: t('approveText'), yes: t('approve'), no: t('cancel') }))
        context.show(await ask('POST', `/api/recordings/${context.recordingId}/approve`));
    },
    { class: 'primary', 'data-focus': 'approve' },
  );
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('approveTitle')),
    h('p', {}, t('approveLead')),
    box.host,
    approve,
  );
}

function releaseCard(context, lessonId) {
  const box = problemBox();
  const audience = h(
    'select',
    { required: true },
    choices([['', t('chooseDecision')], ...audiences.map((one) => [one, t(`audience_${one}`)])], ''),
  );
  const until = h('input', { type: 'date', required: true, min: dayIn(0), value: dayIn(30) });
  const gate = h('div', { 'aria-live': 'polite' });
  const button = h('button', { type: 'submit', class: 'primary', disabled: true }, t('release'));
  const askGate = async () => {
    const asked = audience.value;
    box.clear();
    gate.replaceChildren();
    button.disabled = true;
    if (!asked) return;
    const { holds, reasons } = await ask('GET', `/api/lessons/${lessonId}/gate?audience=${asked}`);
    if (asked !== audience.value) return;
    button.disabled = !holds;
    gate.replaceChildren(
      holds
        ? h('p', { class: 'notice good' }, t('releaseAllowed'))
        : h('div', { class: 'notice bad' }, h('p', {}, h('strong', {}, t('releaseBlocked'))), reasonList(reasons)),
    );
  };
  audience.addEventListener('change', () => askGate().catch(box.show));
  const send = async () => {
    await ask('POST', `/api/recordings/${context.recordingId}/releases`, {
      audience: audience.value,
      endsAt: endOf(until.value),
    });
    await context.refresh();
  };
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('releaseTitle')),
    sendForm(
      box,
      send,
      {},
      h('div', { class: 'fields' }, field(t('audience'), audience), field(t('endDate'), until)),
      gate,
      box.host,
      button,
    ),
  );
}

function releasedCard(context, release) {
  const box = problemBox();
  const end =
    context.has('administrator') &&
    actionButton(
      t('endRelease'),
      box,
      async () => {
        if (
          !(await confirmed({
            title: t('endReleaseAsk'),
            text: t('endReleaseText'),
            yes: t('endRelease'),
            no: t('cancel'),
          }))
        )
          return;
        await ask('DELETE', `/api/releases/${release.id}`);
        await context.refresh();
      },
      { class: 'danger' },
    );
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('releaseTitle')),
    h('p', {}, t('releasedTo', { audience: t(`audience_${release.audience}`), until: dateTime(release.endsAt) })),
    box.host,
    end,
    linksPart(release),
  );
}

function linksPart(release) {
  const box = problemBox();
  const list = h('ul', { class: 'plain links' });
  const fresh = h('div', { 'aria-live': 'polite' });
  const name = h('input', { type: 'text', required: true, maxLength: 200, autocomplete: 'off' });
  const until = h('input', { type: 'date', min: dayIn(0), max: new Date(release.endsAt).toLocaleDateString('sv') });
  const load = async () => {
    const { items } = await ask('GET', `/api/releases/${release.id}/links`);
    list.replaceChildren(...(items.length === 0 ? [h('li', { class: 'quiet' }, t('noLinks'))] : items.map(linkItem)));
  };
  const linkItem = (link) => {
    const isOver = new Date(link.expiresAt) <= new Date();
    const says = link.revokedAt
      ? t('linkRevoked')
      : isOver
        ? t('linkOver')
        : t('linkValid', { until: dateTime(link.expiresAt) });
    const revoke =
      !link.revokedAt &&
      !isOver &&
      actionButton(
        t('revoke'),
        box,
        async () => {
          if (
            !(await confirmed({
              title: t('revokeAsk', { name: link.viewerName }),
              text: t('revokeText'),
              yes: t('revoke'),
              no: t('cancel'),
            }))
          )
            return;
          await ask('DELETE', `/api/links/${link.id}`);
          fresh.replaceChildren();
          await load();
        },
        { class: 'small danger', 'aria-label': `${t('revoke')}: ${link.viewerName}` },
      );
    return h(
      'li',
      { class: 'row spread' },
      h('span', {}, h('strong', {}, link.viewerName), ' ', h('span', { class: 'quiet' }, says)),
      revoke,
    );
  };
  const create = async (form) => {
    const link = await ask('POST', `/api/releases/${release.id}/links`, {
      viewerName: name.value,
      ...(until.value ? { expiresAt: endOf(until.value) } : {}),
    });
    const address = h('input', {
      type: 'text',
      readOnly: true,
      value: link.url,
      class: 'address',
      on: { focus: (event) => event.target.select() },
    });
    fresh.replaceChildren(
      h(
        'div',
        { class: 'notice good' },
        h('p', {}, t('newLink', { name: link.viewerName })),
        field(t('linkAddress'), address),
        copyButton(link.url, box),
      ),
    );
    form.reset();
    speak(t('newLink', { name: link.viewerName }));
    await load();
  };
  load().catch(box.show);
  return h(
    'div',
    {},
    h('h3', {}, t('links')),
    list,
    fresh,
    sendForm(
      box,
      create,
      { class: 'fields' },
      field(t('viewerName'), name),
      field(t('linkUntil'), until),
      h('button', { type: 'submit' }, t('createLink')),
    ),
    box.host,
  );
}
