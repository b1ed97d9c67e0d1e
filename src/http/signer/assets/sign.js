// Drawing a signature. Without this script the typed name is enough.
const box = document.querySelector('[data-drawing]');
if (box) {
  const picture = box.querySelector('svg');
  const field = box.querySelector('input[name=strokes]');
  const [width, height] = [300, 120];
  const strokes = [];
  box.hidden = false;
  // A form that comes back with a problem has lost nothing: neither has the drawing.
  const redraw = () => {
    picture.replaceChildren(
      ...strokes.map((points) => {
        const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
        line.setAttribute('points', points.join(' '));
        return line;
      }),
    );
    field.value = strokes.length > 0 ? JSON.stringify(strokes) : '';
  };
  const place = (event) => {
    const { left, top, width: shown, height: high } = picture.getBoundingClientRect();
    const within = (value, most) => Math.round(Math.min(most, Math.max(0, value)) * 10) / 10;
    return [
      within(((event.clientX - left) / shown) * width, width),
      within(((event.clientY - top) / high) * height, height),
    ];
  };
  let isDown = false;
  picture.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    picture.setPointerCapture(event.pointerId);
    isDown = true;
    strokes.push(place(event));
    redraw();
  });
  picture.addEventListener('pointermove', (event) => {
    if (!isDown || JSON.stringify(strokes).length > 90_000) return;
    strokes.at(-1).push(...place(event));
    redraw();
  });
  for (const end of ['pointerup', 'pointercancel'])
    picture.addEventListener(end, () => {
      isDown = false;
    });
  box.querySelector('[data-clear]').addEventListener('click', () => {
    strokes.length = 0;
    redraw();
  });
}
document.getElementById('problems')?.focus();
