import { actionButton, ask, problemBox, sendForm } from './api.js';
import { field, h, speak } from './dom.js';
import { t } from './texts.js';

/** States how and by whom the recording was announced, or will be. */
export function announceForm(lesson, person, load) {
  const box = problemBox();
  const by = h('input', { type: 'text', required: true, maxLength: 200, value: lesson.announcedBy ?? person.name });
  const how = h('input', { type: 'text', required: true, maxLength: 500, value: lesson.announcedHow ?? '' });
  const send = async () => {
    await ask('PUT', `/api/lessons/${lesson.id}/announcement`, {
      at: lesson.announcedAt ?? lesson.plannedStart,
      by: by.value,
      how: how.value,
      ...(lesson.announcedSecond === null ? {} : { second: lesson.announcedSecond }),
    });
    speak(t('saved'));
    await load();
  };
  const form = sendForm(
    box,
    send,
    { class: 'fields' },
    field(t('announceBy'), by),
    field(t('announceHow'), how, t('announceHint')),
    box.host,
    h('button', { type: 'submit' }, t('announceSave')),
  );
  if (lesson.announcedAt === null) return h('section', { class: 'card' }, h('h2', {}, t('announcement')), form);
  return h('details', { class: 'card' }, h('summary', {}, t('announceChange')), form);
}

/** Who sits where nothing of them is recorded: it takes the permission to take part, and no other. */
export function seatsPart(lesson, afterwards) {
  const box = problemBox();
  const summary = h('summary', {});
  const list = h('ul', { class: 'plain people' });
  const mark = async (id, unrecorded) => {
    await ask('PUT', `/api/lessons/${lesson.id}/seats/${id}`, { unrecorded });
    speak(t('saved'));
    show(await ask('GET', `/api/lessons/${lesson.id}`));
    list.querySelector(`[data-seat="${id}"]`)?.focus();
    await afterwards();
  };
  const seat = ({ id, name, unrecorded }) =>
    h(
      'li',
      { class: 'row spread' },
      h('span', {}, name, unrecorded && [' ', h('span', { class: 'badge waits' }, t('seatUnrecorded'))]),
      actionButton(t(unrecorded ? 'seatRecord' : 'seatMark'), box, () => mark(id, !unrecorded), {
        class: 'small',
        'data-seat': id,
        'aria-label': t(unrecorded ? 'seatRecordOf' : 'seatMarkOf', { name }),
      }),
    );
  const show = ({ participants }) => {
    summary.textContent = t('seats', { n: participants.filter(({ unrecorded }) => unrecorded).length });
    list.replaceChildren(...participants.map(seat));
  };
  show(lesson);
  return h('details', { class: 'card' }, summary, h('p', { class: 'quiet' }, t('seatsLead')), box.host, list);
}
