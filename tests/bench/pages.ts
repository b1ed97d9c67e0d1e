import { opening } from './opening.ts';
import { runBenches } from './run-benches.ts';
import { scrolling } from './scrolling.ts';

process.exitCode = await runBenches({
  command: 'bench:pages',
  about:
    'Measures in Chromium how fast the first pages come on a slow line and processor, and how smoothly long lists scroll',
  needs: 'Needs /usr/bin/chromium and 2 GiB in the temporary folder (TMPDIR).',
  rows: { a: opening, b: scrolling },
});
