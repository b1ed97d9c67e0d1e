const browsers: readonly (readonly [string, RegExp])[] = [
  ['Edge', /Edg\//],
  ['Opera', /OPR\//],
  ['Firefox', /Firefox\//],
  ['Chrome', /Chrome\//],
  ['Safari', /Safari\//],
];
const systems: readonly (readonly [string, RegExp])[] = [
  ['Android', /Android/],
  ['iPhone', /iPhone/],
  ['iPad', /iPad/],
  ['Windows', /Windows/],
  ['macOS', /Mac OS X/],
  ['ChromeOS', /CrOS/],
  ['Linux', /Linux/],
];

/** Browser and system, as people call them; else what the device says of itself, cut at 60 characters. */
export function deviceOf(userAgent: string): string {
  const first = (names: typeof browsers) => names.find(([, pattern]) => pattern.test(userAgent))?.[0];
  const browser = first(browsers);
  return browser === undefined
    ? userAgent.slice(0, 60)
    : [browser, first(systems)].filter((name) => name !== undefined).join(', ');
}
