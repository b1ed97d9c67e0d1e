import { busy } from './busy.ts';
import { runBenches } from './run-benches.ts';
import { schoolDay } from './school-day.ts';

process.exitCode = await runBenches({
  command: 'bench:load',
  about: 'Measures what people wait for while the machine is busy',
  needs: 'Needs ffmpeg, and 8 GiB in the temporary folder (TMPDIR).',
  rows: { a: busy, b: schoolDay },
});
