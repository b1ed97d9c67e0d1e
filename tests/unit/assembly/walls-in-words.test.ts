import { expect, test } from 'vitest';
import { wallsInWords } from '../../../src/assembly/walls-in-words.ts';

test.each([
  [['bwrap', 'prlimit', 'nice'], true, /bubblewrap\).*prlimit\)/],
  [['no bwrap', 'prlimit', 'nice'], false, /^NO WALLS: bubblewrap is not installed/],
  [
    ['no bwrap: this system does not let it', 'prlimit', 'nice'],
    false,
    /^NO WALLS: this system.*deploy\/seccomp\.json/,
  ],
  [['bwrap', 'no prlimit', 'nice'], false, /NO LIMITS: prlimit is not installed/],
])('%j is told in plain words', (means, isWhole, text) => {
  expect(wallsInWords(means)).toEqual({ isWhole, text: expect.stringMatching(text) });
});
