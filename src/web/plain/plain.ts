import './plain.css';
import { letDraw } from './drawing.ts';

const drawing = document.querySelector<HTMLElement>('[data-drawing]');
if (drawing !== null) letDraw(drawing);
document.getElementById('problems')?.focus();
