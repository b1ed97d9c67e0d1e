/**
 * Makes an element. A property that the element knows is set as one, anything else as an attribute; `on` holds listeners.
 * Children that are text become text nodes, so that nothing from outside is ever read as markup.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'on') for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === 'class') element.className = value;
    else if (name in element && name !== 'list' && name !== 'form') element[name] = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(
    ...children
      .flat(Number.POSITIVE_INFINITY)
      .filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/**
 * A part of a page that is drawn again only when what it shows has changed, so that refreshing disturbs nobody who is
 * typing or watching. Whoever had the focus inside keeps it when `data-focus` says which element it is.
 */
export function livePart(draw, props = {}) {
  const host = h('div', props);
  let last;
  return {
    host,
    show(shown) {
      const next = JSON.stringify(shown);
      if (next === last) return;
      last = next;
      const focused = host.contains(document.activeElement) ? document.activeElement : null;
      host.replaceChildren(...[draw(shown)].flat(Number.POSITIVE_INFINITY).filter(Boolean));
      if (!focused) return;
      const again = [...host.querySelectorAll('[data-focus]')].find(
        (one) => one.dataset.focus === focused.dataset.focus,
      );
      if (!again) host.tabIndex = -1;
      (again ?? host).focus({ preventScroll: true });
    },
  };
}

let fieldNumber = 0;
/** A labelled control; `control` is an input, select or textarea. */
export function field(label, control, hint) {
  control.id ||= `field-${++fieldNumber}`;
  const hintId = `${control.id}-hint`;
  if (hint) control.setAttribute('aria-describedby', hintId);
  return h(
    'div',
    { class: 'field' },
    h('label', { htmlFor: control.id }, label),
    control,
    hint && h('small', { id: hintId }, hint),
  );
}

export const choices = (options, selected) =>
  options.map(([value, label]) => h('option', { value, selected: value === selected }, label));

/** How far something is, as a share of 1; null: nobody knows. */
export function progressBar(label, share) {
  return h('progress', { max: 1, 'aria-label': label, ...(share === null ? {} : { value: Math.min(1, share) }) });
}

/** Says something to those who listen to the page. */
export function speak(text) {
  document.getElementById('spoken').textContent = text;
}

/** Asks before something that cannot be undone. Resolves to whether to go on. */
export function confirmed({ title, text, yes, no }) {
  return new Promise((resolve) => {
    const dialog = h(
      'dialog',
      {
        'aria-labelledby': 'dialog-title',
        on: {
          close: () => {
            dialog.remove();
            resolve(dialog.returnValue === 'yes');
          },
        },
      },
      h(
        'form',
        { method: 'dialog' },
        h('h2', { id: 'dialog-title' }, title),
        h('p', {}, text),
        h(
          'div',
          { class: 'row end' },
          h('button', { value: 'no', autofocus: true }, no),
          h('button', { value: 'yes', class: 'danger' }, yes),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Runs `tick` until `signal` aborts; it answers how many milliseconds to wait, or null to stop. */
export function keepDoing(signal, tick) {
  const run = async () => {
    const waitMs = await tick();
    if (waitMs !== null && !signal.aborted) timer = setTimeout(run, waitMs);
  };
  let timer = setTimeout(run, 0);
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
}

/** `1:02:03`; hours only when there are some. */
export function clock(ms) {
  const total = Math.floor(ms / 1000);
  const two = (n) => String(n).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** `1:02:03.45`: as exact as it is, so that what is typed back is the same moment. */
export function exactClock(ms) {
  const part = ms % 1000;
  return part === 0 ? clock(ms) : `${clock(ms)}.${String(part).padStart(3, '0').replace(/0+$/, '')}`;
}

/** Milliseconds of `90`, `1:30`, `1:30.5` or `1:02:03`; null for anything else. */
export function parseClock(text) {
  if (!/^\d{1,6}(:[0-5]?\d){0,2}([.,]\d{1,3})?$/.test(text.trim())) return null;
  const seconds = text
    .trim()
    .replace(',', '.')
    .split(':')
    .reduce((sum, piece) => sum * 60 + Number(piece), 0);
  return Math.round(seconds * 1000);
}
