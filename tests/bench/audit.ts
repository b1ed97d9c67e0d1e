import { appending } from './appending.ts';
import { proving } from './proving.ts';
import { reading } from './reading.ts';
import { runBenches } from './run-benches.ts';
import { verifying } from './verifying.ts';

process.exitCode = await runBenches({
  command: 'bench:audit',
  about: 'Measures the log against its peers in the same run',
  needs: 'Needs 4 GiB in the temporary folder (TMPDIR).',
  rows: { a: appending, b: verifying, c: reading, d: proving },
});
