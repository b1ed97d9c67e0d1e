import { ask, Problem, problemNotice, toProblem } from './api.js';
import { clock, confirmed, h, speak } from './dom.js';
import { loadScript } from './own-script.js';
import { byteSize, language, number, t } from './texts.js';

const running = new Set();
/** Tells the views that a recording has arrived (`recording`), was refused (`refused`), or that an upload began or ended here (`changed`). */
export const arrivals = new EventTarget();
const changed = () => arrivals.dispatchEvent(new Event('changed'));

/** Whether this window shows that upload itself. */
export const isUnderWay = (id) => [...running].some((upload) => upload.url?.endsWith(`/${id}`));

addEventListener('beforeunload', (event) => {
  if ([...running].some((upload) => upload.isSending && !upload.isPaused)) event.preventDefault();
});

/**
 * Sends a file into a lesson and shows how far it is, above whatever view is open, until it has arrived or failed. With the
 * address of an upload that was begun before, on whichever machine, it goes on with that one.
 */
export function startUpload(lessonId, file, url = null) {
  const upload = { lessonId, file, url, isSending: true, isPaused: false, percent: -1 };
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
  library ??= loadScript('/pages/vendor/tus.min.js').then(
    () => window.tus,
    () => {
      library = null;
      throw new Problem({ title: t('uploadBroken') });
    },
  );
  return library;
};

/** Resumable: the same file chosen again, after a reload too, goes on where it was broken off. */
async function send(upload) {
  const { file, lessonId } = upload;
  if (upload.isOver) upload.url = null;
  upload.isSending = true;
  upload.isPaused = false;
  upload.isOver = false;
  upload.percent = -1;
  upload.begun = { at: performance.now(), bytes: null };
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
      ...(upload.url ? { uploadUrl: new URL(upload.url, location.origin).href } : {}),
      metadata: {
        filename: file.name,
        filetype: file.type || 'application/octet-stream',
        lastmodified: String(file.lastModified),
      },
      retryDelays,
      removeFingerprintOnSuccess: true,
      onShouldRetry(error) {
        const status = error.originalResponse?.getStatus() ?? 0;
        const isPassing = status === 0 || status >= 500 || [409, 423, 429].includes(status);
        if (isPassing) upload.says.textContent = t('uploadWaits');
        return isPassing;
      },
      onUploadUrlAvailable() {
        upload.url = new URL(sending.url, location.origin).pathname;
        changed();
      },
      onProgress: (loaded, total) => showProgress(upload, { loaded, total }),
      onError(error) {
        const response = error.originalResponse;
        failed(
          upload,
          response ? toProblem(response.getStatus(), response.getBody()) : new Problem({ title: t('uploadBroken') }),
        );
      },
      onSuccess: () => waitForSealing(upload, new URL(sending.url, location.origin).pathname),
    });
    const [before] = upload.url ? [] : await sending.findPreviousUploads();
    if (before) sending.resumeFromPreviousUpload(before);
    const pause = h(
      'button',
      { type: 'button', on: { click: () => togglePause(upload, sending, pause) } },
      t('uploadPause'),
    );
    upload.buttons.replaceChildren(
      pause,
      h('button', { type: 'button', on: { click: () => cancel(upload, sending) } }, t('uploadCancel')),
    );
    sending.start();
  } catch (error) {
    failed(upload, error instanceof Problem ? error : new Problem({ title: t('uploadBroken') }));
  }
}

/** Stops sending and keeps what has arrived, or goes on from there. */
async function togglePause(upload, sending, button) {
  upload.isPaused = !upload.isPaused;
  button.textContent = t(upload.isPaused ? 'uploadResume' : 'uploadPause');
  if (upload.isPaused) {
    await sending.abort();
    const { loaded = 0, total = upload.file.size } = upload.progress ?? {};
    upload.says.textContent = t('uploadPaused', { done: byteSize(loaded), total: byteSize(total) });
  } else {
    upload.begun = { at: performance.now(), bytes: null };
    upload.says.textContent = t('uploadStarting');
    sending.start();
  }
  speak(upload.says.textContent);
}

/** Every byte has arrived; the server seals, and says how far it is. */
async function waitForSealing(upload, url) {
  upload.buttons.replaceChildren();
  for (;;) {
    try {
      const { id, state, sealedShare, code, reasons } = await ask('GET', url);
      if (state === 'sealed') return arrived(upload, await ask('GET', `/api/recordings/${id}`));
      if (state === 'failed') {
        upload.isOver = true;
        return failed(upload, new Problem({ title: t('uploadFailed'), code, reasons }));
      }
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

function showProgress(upload, { loaded, total }) {
  if (upload.isPaused) return; // what was on its way when it was paused
  upload.progress = { loaded, total };
  // What had arrived before this try says nothing about the speed.
  upload.begun.bytes ??= loaded;
  const seconds = (performance.now() - upload.begun.at) / 1000;
  const share = total > 0 ? loaded / total : 0;
  const percent = Math.floor(share * 100);
  upload.bar.value = share;
  if (share >= 1) {
    upload.bar.removeAttribute('value');
    upload.says.textContent = t('uploadSealing');
    speak(t('uploadSealing'));
    return;
  }
  const bytesPerSecond = (loaded - upload.begun.bytes) / Math.max(0.001, seconds);
  const parts = [t('uploadPercent', { percent, done: byteSize(loaded), total: byteSize(total) })];
  if (seconds > 1)
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
    upload.url = null;
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
  // The server keeps the reason for whoever has not read it yet. If it is away, it forgets by itself after a while.
  if (upload.isOver) ask('DELETE', upload.url).then(changed, changed);
  else changed();
}

function duration(seconds) {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 60) return t('secondsLeft', { n: Math.ceil(seconds) });
  if (seconds < 5400) return t('minutesLeft', { n: Math.ceil(seconds / 60) });
  return t('hoursLeft', { n: number(seconds / 3600, 1) });
}

/** The length of a recording, or a dash when nobody knows it. */
export const lengthText = (ms) => (ms === null ? '–' : clock(ms));
