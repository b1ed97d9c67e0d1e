import { textsIn } from '../language/catalogue.ts';

/** What `findSandbox` found, as sentences for whoever reads the log: which walls stand, and what to do about one that does not. */
export function wallsInWords(means: readonly string[]): { readonly text: string; readonly isWhole: boolean } {
  const t = textsIn('en').walls;
  const has = (name: string) => means.includes(name);
  const parts = [
    has('bwrap') ? t.walls : has('no bwrap') ? t.noBubblewrap : t.notLet,
    has('prlimit') ? t.limits : t.noPrlimit,
    has('nice') ? t.nice : t.noNice,
  ];
  return { text: parts.join(' '), isWhole: has('bwrap') && has('prlimit') };
}
