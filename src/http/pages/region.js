import { field, h } from './dom.js';
import { t } from './texts.js';

const sides = ['x', 'y', 'width', 'height'];
const clamp = (value, most = 1) => Math.min(Math.max(value, 0), most);
const percent = (share) => String(Math.round(share * 1000) / 10);

/** Where the picture is inside its element, in pixels of the page: the element may be wider or higher than the picture. */
function pictureBox(video) {
  const { clientWidth, clientHeight, videoWidth, videoHeight } = video;
  const scale = Math.min(clientWidth / videoWidth, clientHeight / videoHeight);
  const [width, height] = [videoWidth * scale, videoHeight * scale];
  return { left: (clientWidth - width) / 2, top: (clientHeight - height) / 2, width, height };
}

/** A video with a layer over its picture, on which one region is shown, or drawn with a mouse, a pen or a finger. */
export function regionLayer(video) {
  const mark = h('div', { class: 'region-mark', hidden: true });
  const layer = h('div', { class: 'region-layer', hidden: true, tabIndex: -1 }, mark);
  const host = h('div', { class: 'picture' }, video, layer);
  let drawn = null;
  let from = null;

  const lay = () => {
    const { left, top, width, height } = pictureBox(video);
    Object.assign(layer.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
  };
  const show = (region) => {
    layer.hidden = region === null && drawn === null;
    mark.hidden = region === null;
    if (layer.hidden) return;
    lay();
    if (region)
      Object.assign(mark.style, {
        left: `${region.x * 100}%`,
        top: `${region.y * 100}%`,
        width: `${region.width * 100}%`,
        height: `${region.height * 100}%`,
      });
  };
  const pointAt = ({ clientX, clientY }) => {
    const { left, top, width, height } = layer.getBoundingClientRect();
    return { x: clamp((clientX - left) / width), y: clamp((clientY - top) / height) };
  };
  const between = (a, b) => ({
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  });
  const stop = () => {
    drawn = null;
    from = null;
    layer.classList.remove('draws');
  };
  layer.addEventListener('pointerdown', (event) => {
    if (!drawn) return;
    event.preventDefault();
    layer.setPointerCapture(event.pointerId);
    from = pointAt(event);
  });
  layer.addEventListener('pointermove', (event) => {
    if (from) show(between(from, pointAt(event)));
  });
  layer.addEventListener('pointerup', (event) => {
    if (!from) return;
    const region = between(from, pointAt(event));
    const done = drawn;
    stop();
    // A click that was no drag marks nothing.
    done(region.width > 0.005 && region.height > 0.005 ? region : null);
  });
  layer.addEventListener('pointercancel', stop);
  host.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !drawn) return;
    stop();
    show(null);
  });
  new ResizeObserver(() => !layer.hidden && lay()).observe(video);

  return {
    host,
    show,
    /** The next drag over the picture is given to `done`; null when it was none. */
    draw(done) {
      video.pause();
      drawn = done;
      layer.classList.add('draws');
      layer.hidden = false;
      lay();
      layer.focus({ preventScroll: true });
      host.scrollIntoView({ block: 'nearest' });
    },
  };
}

/**
 * Where in the picture: drawn over the paused video, or typed as percents. `read` answers the region, null for none.
 * `jump` goes to the moment that is decided on.
 */
export function regionField(layer, jump, initial) {
  const inputs = Object.fromEntries(
    sides.map((side) => [
      side,
      h('input', {
        type: 'number',
        min: 0,
        max: 100,
        step: 0.1,
        class: 'digits',
        value: initial ? percent(initial[side]) : '',
      }),
    ]),
  );
  const read = () => {
    const [x, y, width, height] = sides.map((side) => inputs[side].valueAsNumber / 100);
    if (![x, y, width, height].every(Number.isFinite)) return null;
    return { x: clamp(x), y: clamp(y), width: clamp(width, 1 - clamp(x)), height: clamp(height, 1 - clamp(y)) };
  };
  const write = (region) => {
    for (const side of sides) inputs[side].value = region ? percent(region[side]) : '';
    layer?.show(region);
  };
  const host = h(
    'fieldset',
    {
      class: 'region',
      on: { input: () => layer?.show(read()), focusin: () => layer?.show(read()), focusout: () => layer?.show(null) },
    },
    h('legend', {}, t('region')),
    h('p', { class: 'quiet' }, t('regionHint')),
    h(
      'div',
      { class: 'row' },
      sides.map((side) => field(t(`region_${side}`), inputs[side])),
    ),
    h(
      'div',
      { class: 'row' },
      layer &&
        h(
          'button',
          {
            type: 'button',
            class: 'small',
            on: {
              click: () => {
                jump();
                layer.draw((region) => write(region ?? read()));
              },
            },
          },
          t('regionDraw'),
        ),
      h('button', { type: 'button', class: 'small', on: { click: () => write(null) } }, t('regionClear')),
    ),
  );
  return { host, read };
}
