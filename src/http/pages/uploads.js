import { ask, Problem, problemNotice, toProblem } from './api.js';
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

/** Pauses between tries, in milliseconds: a minute and a half without a byte that arrives, then it says so. */
const retryDelays = [0, 1_000, 2_000, 4_000, ...Array.from({ length: 16 }, () => 5_000)];

/** tus-js-client, loaded with the first upload; it leaves itself in `window.tus`. */
let library = null;
const loadLibrary = () => {
  library ??= new Promise((resolve, reject) => {
    const script = h('script', { src: '/pages/vendor/tus.min.js' });
    script.addEventListener('load', () => resolve(window.tus));
    script.addEventListener('error', () => {
      library = null;
      reject(new Problem({ title: t('uploadBroken') }));
    });
    document.head.append(script);
  });
  return library;
};

/** Resumable: the same file chosen again, after a reload too, goes on where it was broken off. */
async function send(upload) {
  const { file, lessonId } = upload;
  const begun = performance.now();
  upload.isSending = true;
  upload.percent = -1;
  upload.bar.hidden = false;
  upload.bar.value = 0;
  upload.title.textContent = t('uploading', { file: file.name });
  upload.says.textContent = t('uploadStarting');
  upload.result.replaceChildren();
  upload.buttons.replaceChildren();
  try {
    const { Upload } = await loadLibrary();
    const sending = new Upload(file, {
      endpoint: new URL(`/api/lessons/${lessonId}/uploads`, location.origin).href,
      headers: { 'Accept-Language': language() },
      metadata: { filename: file.name, filetype: file.type || 'application/octet-stream' },
      retryDelays,
      removeFingerprintOnSuccess: true,
      onShouldRetry(error) {
        const status = error.originalResponse?.getStatus() ?? 0;
        const isPassing = status === 0 || status >= 500 || [409, 423, 429].includes(status);
        if (isPassing) upload.says.textContent = t('uploadWaits');
        return isPassing;
      },
      onProgress: (loaded, total) => showProgress(upload, { loaded, total }, begun),
      onError(error) {
        const response = error.originalResponse;
        failed(
          upload,
          response ? toProblem(response.getStatus(), response.getBody()) : new Problem({ title: t('uploadBroken') }),
        );
      },
      onSuccess: () => waitForSealing(upload, new URL(sending.url, location.origin).pathname),
    });
    const [before] = await sending.findPreviousUploads();
    if (before) sending.resumeFromPreviousUpload(before);
    upload.buttons.replaceChildren(
      h('button', { type: 'button', on: { click: () => cancel(upload, sending) } }, t('uploadCancel')),
    );
    sending.start();
  } catch (error) {
    failed(upload, error instanceof Problem ? error : new Problem({ title: t('uploadBroken') }));
  }
}

/** Every byte has arrived; the server seals, and says how far it is. */
async function waitForSealing(upload, url) {
  upload.buttons.replaceChildren();
  for (;;) {
    try {
      const { id, state, sealedShare, code, reasons } = await ask('GET', url);
      if (state === 'sealed') return arrived(upload, await ask('GET', `/api/recordings/${id}`));
      if (state === 'failed') return failed(upload, new Problem({ title: t('uploadFailed'), code, reasons }));
      upload.bar.value = sealedShare;
      upload.says.textContent = t('uploadSealing');
    } catch (error) {
      // The server may be away for a moment; a refusal is final.
      if (!(error instanceof Problem) || (error.status > 0 && error.status < 500)) {
        failed(upload, error instanceof Problem ? error : new Problem({ title: t('uploadBroken') }));
        return;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
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

async function cancel(upload, sending) {
  const isSure = await confirmed({
    title: t('uploadCancelAsk'),
    text: t('uploadCancelText'),
    yes: t('uploadCancel'),
    no: t('uploadGoOn'),
  });
  if (!isSure || !upload.isSending) return;
  try {
    await sending.abort(true); // ends it on the server too
    failed(upload, new Problem({ title: t('uploadCancelled') }));
  } catch {
    // The server could not be told; it forgets the upload by itself after a while.
    failed(upload, new Problem({ title: t('uploadBroken') }));
  }
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
