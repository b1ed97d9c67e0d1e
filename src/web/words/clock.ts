/** `1:02:03.45`: as exact as it is, so that what is typed back is the same moment. */
export function exactClock(ms: number): string {
  const part = ms % 1000;
  const total = Math.floor(ms / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const whole = hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
  return part === 0 ? whole : `${whole}.${String(part).padStart(3, '0').replace(/0+$/, '')}`;
}

/** Milliseconds of `90`, `1:30`, `1:30.5` or `1:02:03`; null for anything else. */
export function parseClock(typed: string): number | null {
  if (!/^\d{1,6}(:[0-5]?\d){0,2}([.,]\d{1,3})?$/.test(typed.trim())) return null;
  const seconds = typed
    .trim()
    .replace(',', '.')
    .split(':')
    .reduce((sum, piece) => sum * 60 + Number(piece), 0);
  return Math.round(seconds * 1000);
}
