import { checking } from './checking.ts';
import { hearing, seeing } from './detecting.ts';
import { matching } from './matching.ts';
import { redactionRows } from './redaction.ts';
import { runBenches } from './run-benches.ts';
import { stages } from './stages.ts';

const { r, s } = redactionRows;

process.exitCode = await runBenches({
  command: 'bench:detection',
  about: 'Measures the third-party check, beside peers in the same run where there are any',
  needs: 'Needs Linux, two processors, ffmpeg, 8 GiB of memory and 12 GiB in the temporary folder (TMPDIR).',
  usesMedia: true,
  rows: { a: hearing, b: seeing, c: checking, d: stages, m: matching, r: r!, s: s! },
});
