import { Problem, problemNotice, toProblem } from './api.js';
import { clock, confirmed, h, speak } from './dom.js';
import { byteSize, language, number, t } from './texts.js';

const running = new Set();
/** Tells the views that a recording has arrived. */
export const arrivals = new EventTarget();

addEventListener('beforeunload', (event) => {
  if ([...running].some((upload) => upload.isSending)) event.preventDefault();
});

/** Sends a file into a lesson and shows how far it is, above whatever view is open, until it has arrived or failed. */
export function startUpload(lessonId, file) {
  const upload = { lessonId, file, isSending: true, percent: -1 };
  running.add(upload);
  upload.title = h('strong', {});
  upload.bar = h('progress', { max: 1, value: 0, 'aria-label': file.name });
  upload.says = h('p', { class: 'quiet numbers' });
  upload.buttons = h('div', { class: 'row' });
  upload.result = h('div', { role: 'alert' });
  upload.host = h(
    'div',
    { class: 'card upload' },
    upload.title,
    upload.bar,
    upload.says,
    upload.result,
    upload.buttons,
  );
  panel().append(upload.host);
  panel().hidden = false;
  panel().setAttribute('aria-label', t('uploads'));
  send(upload);
}

const panel = () => document.getElementById('uploads');

function send(upload) {
  const { file, lessonId } = upload;
  const form = new FormData();
  form.set('bytes', String(file.size)); // stands before the file: the server reads in order
  form.set('file', file, file.name);
  const request = new XMLHttpRequest();
  const begun = performance.now();
  upload.isSending = true;
  upload.percent = -1;
  upload.bar.hidden = false;
  upload.bar.value = 0;
  upload.title.textContent = t('uploading', { file: file.name });
  upload.says.textContent = t('uploadStarting');
  upload.result.replaceChildren();
  upload.buttons.replaceChildren(
    h('button', { type: 'button', on: { click: () => cancel(upload, request) } }, t('uploadCancel')),
  );

  request.upload.addEventListener('progress', (event) => showProgress(upload, event, begun));
  request.addEventListener('load', () => {
    if (request.status === 201) arrived(upload, JSON.parse(request.responseText));
    else failed(upload, toProblem(request.status, request.responseText));
  });
  request.addEventListener('error', () => failed(upload, new Problem({ title: t('uploadBroken') })));
  request.addEventListener('abort', () => failed(upload, new Problem({ title: t('uploadCancelled') })));
  request.open('POST', `/api/lessons/${lessonId}/recordings`);
  request.setRequestHeader('Accept-Language', language());
  request.send(form);
}

function showProgress(upload, { loaded, total }, begun) {
  const share = total > 0 ? loaded / total : 0;
  const percent = Math.floor(share * 100);
  upload.bar.value = share;
  if (share >= 1) {
    upload.bar.removeAttribute('value');
    upload.says.textContent = t('uploadSealing');
    speak(t('uploadSealing'));
    return;
  }
  const bytesPerSecond = loaded / Math.max(0.001, (performance.now() - begun) / 1000);
  const parts = [t('uploadPercent', { percent, done: byteSize(loaded), total: byteSize(total) })];
  if (performance.now() - begun > 1_000)
    parts.push(
      t('uploadSpeed', { speed: byteSize(bytesPerSecond), left: duration((total - loaded) / bytesPerSecond) }),
    );
  upload.says.textContent = parts.join(' · ');
  if (Math.floor(percent / 10) === Math.floor(upload.percent / 10)) return;
  speak(`${upload.file.name}: ${t('uploadPercent', { percent, done: byteSize(loaded), total: byteSize(total) })}`);
  upload.percent = percent;
}

async function cancel(upload, request) {
  const isSure = await confirmed({
    title: t('uploadCancelAsk'),
    text: t('uploadCancelText'),
    yes: t('uploadCancel'),
    no: t('uploadGoOn'),
  });
  if (isSure && upload.isSending) request.abort();
}

function arrived(upload, recording) {
  upload.isSending = false;
  upload.bar.hidden = true;
  const done = t('uploadDone', { file: upload.file.name });
  upload.title.textContent = done;
  upload.says.textContent = '';
  speak(done);
  upload.buttons.replaceChildren(
    h(
      'a',
      { class: 'button primary', href: `#/recordings/${recording.id}`, on: { click: () => dismiss(upload) } },
      t('openRecording'),
    ),
    dismissButton(upload),
  );
  arrivals.dispatchEvent(new CustomEvent('recording', { detail: recording }));
}

function failed(upload, problem) {
  upload.isSending = false;
  upload.bar.hidden = true;
  upload.title.textContent = upload.file.name;
  upload.says.textContent = '';
  upload.result.replaceChildren(problemNotice(problem));
  upload.buttons.replaceChildren(
    h('button', { type: 'button', on: { click: () => send(upload) } }, t('tryAgain')),
    dismissButton(upload),
  );
  arrivals.dispatchEvent(new CustomEvent('refused', { detail: upload.lessonId }));
}

function dismissButton(upload) {
  return h('button', { type: 'button', on: { click: () => dismiss(upload) } }, t('dismiss'));
}

function dismiss(upload) {
  running.delete(upload);
  upload.host.remove();
  panel().hidden = running.size === 0;
}

function duration(seconds) {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 60) return t('secondsLeft', { n: Math.ceil(seconds) });
  if (seconds < 5400) return t('minutesLeft', { n: Math.ceil(seconds / 60) });
  return t('hoursLeft', { n: number(seconds / 3600, 1) });
}

/** The length of a recording, or a dash when nobody knows it. */
export const lengthText = (ms) => (ms === null ? '–' : clock(ms));
