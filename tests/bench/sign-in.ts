import { answering } from './answering.ts';
import { runBenches } from './run-benches.ts';
import { strangers } from './strangers.ts';

process.exitCode = await runBenches({
  command: 'bench:sign-in',
  about: 'Measures what strangers can learn from time, and what they can take from others',
  needs: 'Needs 1 GiB in the temporary folder (TMPDIR).',
  rows: { a: answering, b: strangers },
});
