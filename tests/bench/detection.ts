import { matching } from './matching.ts';
import { runBenches } from './run-benches.ts';

process.exitCode = await runBenches({
  command: 'bench:detection',
  about: 'Measures the third-party check, beside peers in the same run where there are any',
  needs: 'Needs Linux, ffmpeg, 8 GiB of memory and 12 GiB in the temporary folder (TMPDIR).',
  usesMedia: true,
  rows: { m: matching },
});
