const [width, height] = [300, 120];
/** More than this many characters of a drawing the server does not take. */
const mostCharacters = 90_000;

/** Lets somebody draw a signature in `box`. Without it the typed name is enough. */
export function letDraw(box: HTMLElement): void {
  const picture = box.querySelector('svg');
  const field = box.querySelector<HTMLInputElement>('input[name=strokes]');
  if (picture === null || field === null) throw new Error('a drawing without its picture and its field');
  const strokes: number[][] = [];
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
  const place = ({ clientX, clientY }: PointerEvent) => {
    const shown = picture.getBoundingClientRect();
    const within = (value: number, most: number) => Math.round(Math.min(most, Math.max(0, value)) * 10) / 10;
    return [
      within(((clientX - shown.left) / shown.width) * width, width),
      within(((clientY - shown.top) / shown.height) * height, height),
    ];
  };
  let stroke: number[] | null = null;
  picture.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    picture.setPointerCapture(event.pointerId);
    stroke = place(event);
    strokes.push(stroke);
    redraw();
  });
  picture.addEventListener('pointermove', (event) => {
    if (stroke === null || field.value.length > mostCharacters) return;
    stroke.push(...place(event));
    redraw();
  });
  for (const end of ['pointerup', 'pointercancel'] as const)
    picture.addEventListener(end, () => {
      stroke = null;
    });
  box.querySelector('[data-clear]')?.addEventListener('click', () => {
    strokes.length = 0;
    redraw();
  });
  box.hidden = false;
}
