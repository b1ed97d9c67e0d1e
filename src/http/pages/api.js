import { h } from './dom.js';
import { language, t } from './texts.js';

/** A refusal, a fault or a lost connection, as problem details (RFC 9457) or in our own words. */
export class Problem extends Error {
  constructor({ title, detail, reasons = [], code, status = 0, requestId }) {
    super(title);
    Object.assign(this, { title, detail, reasons, code, status, requestId });
  }
}

const listeners = new Set();
/** Called when the server no longer knows who we are. */
export const whenSignedOut = (listener) => listeners.add(listener);

/** When the session last went on under another cookie. */
let renewedAt = 0;
let confirmer = null;
/** Called when the server wants to be shown again who asks; resolves to whether that was done. */
export const whenConfirmationNeeded = (ask) => {
  confirmer = ask;
};

export function toProblem(status, text) {
  let body = null;
  try {
    body = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error; // a proxy's page in place of problem details is not JSON
  }
  return new Problem(body?.title ? body : { title: t('serverFault', { status }), status });
}

/** One request to the API; the parsed answer, or null when there is none. @throws Problem. */
export async function ask(method, path, body) {
  const text = await (await askFile(method, path, body)).text();
  return text === '' ? null : JSON.parse(text);
}

/** One request to the API; what it answers, as bytes. @throws Problem. */
export async function askFile(method, path, body) {
  const begun = performance.now();
  let response;
  let answer;
  try {
    response = await fetch(path, {
      method,
      cache: 'no-store',
      headers: {
        'Accept-Language': language(),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    answer = await response.blob();
  } catch (cause) {
    throw Object.assign(new Problem({ title: t('noConnection'), code: 'NO_CONNECTION' }), { cause });
  }
  if (response.ok) {
    if (path === '/api/session/confirm' || path === '/api/session/password') renewedAt = performance.now();
    return answer;
  }
  const problem = toProblem(response.status, await answer.text());
  // It was under way when the session went on under another cookie.
  if (problem.code === 'NOT_SIGNED_IN' && begun < renewedAt) return askFile(method, path, body);
  if (problem.code === 'NOT_SIGNED_IN' && path !== '/api/session') for (const listener of listeners) listener();
  if (problem.code === 'CONFIRMATION_NEEDED' && confirmer && (await confirmer())) return askFile(method, path, body);
  throw problem;
}

/** A box for problems, read out when one appears. */
export function problemBox() {
  const host = h('div', { role: 'alert' });
  let last = null;
  return {
    host,
    clear() {
      last = null;
      host.replaceChildren();
    },
    show(error) {
      if (!(error instanceof Problem)) console.error(error);
      const problem =
        error instanceof Problem
          ? error
          : new Problem({ title: t('pageFault'), detail: String(error?.message ?? error) });
      const key = JSON.stringify([problem.title, problem.detail, problem.reasons]);
      if (key === last) return;
      last = key;
      host.replaceChildren(problemNotice(problem));
    },
  };
}

export function problemNotice(problem) {
  return h(
    'div',
    { class: 'notice bad' },
    h('p', {}, h('strong', {}, problem.title)),
    problem.reasons.length > 0 ? reasonList(problem.reasons) : problem.detail && h('p', {}, problem.detail),
    problem.status >= 500 && problem.requestId && h('p', {}, h('small', {}, `${t('requestId')}: ${problem.requestId}`)),
  );
}

/** Reasons exactly as the API words them. */
export function reasonList(reasons) {
  return h(
    'ul',
    { class: 'reasons' },
    reasons.map((reason) => h('li', {}, reason.text)),
  );
}

/** A button that cannot be pressed twice; what goes wrong is shown in `box`. */
export function actionButton(label, box, run, props = {}) {
  const button = h(
    'button',
    {
      type: 'button',
      ...props,
      on: {
        async click() {
          button.disabled = true;
          box.clear();
          try {
            await run(button);
          } catch (error) {
            box.show(error);
          } finally {
            button.disabled = false;
          }
        },
      },
    },
    label,
  );
  return button;
}

/** A form that cannot be sent twice; what goes wrong is shown in `box`. */
export function sendForm(box, send, props, ...children) {
  const form = h(
    'form',
    {
      ...props,
      on: {
        async submit(event) {
          event.preventDefault();
          const buttons = form.querySelectorAll('button[type=submit]');
          for (const button of buttons) button.disabled = true;
          box.clear();
          try {
            await send(form);
          } catch (error) {
            box.show(error);
          } finally {
            for (const button of buttons) button.disabled = false;
          }
        },
      },
    },
    ...children,
  );
  return form;
}
