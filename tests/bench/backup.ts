import { backingUpObjects } from './backing-up-objects.ts';
import { backingUpRows } from './backing-up-rows.ts';
import { runBenches } from './run-benches.ts';

process.exitCode = await runBenches({
  command: 'bench:backup',
  about: 'Measures backups against pg_dump and cp in the same run',
  needs: 'Needs 8 GiB in the temporary folder (TMPDIR). (a) has a peer where Debian’s PostgreSQL 15 is installed.',
  rows: { a: backingUpRows, b: backingUpObjects },
});
