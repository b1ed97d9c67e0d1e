import { busy } from './busy.ts';
import { runBenches } from './run-benches.ts';

process.exitCode = await runBenches({
  command: 'bench:load',
  about: 'Measures what people wait for while the machine is busy',
  needs: 'Needs ffmpeg, and 2 GiB in the temporary folder (TMPDIR).',
  rows: { a: busy },
});
