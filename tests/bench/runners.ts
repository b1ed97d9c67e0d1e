import { measuring } from './measuring.ts';
import { runBenches } from './run-benches.ts';

process.exitCode = await runBenches({
  command: 'bench:runners',
  about: 'Measures how fast runners check recordings',
  needs: 'Needs ffmpeg, taskset and two processors: each runner gets one of its own.\n',
  rows: { a: measuring },
});
