import { courses } from './courses.ts';
import { runBenches } from './run-benches.ts';
import { searching } from './searching.ts';
import { signing } from './signing.ts';

process.exitCode = await runBenches({
  command: 'bench:people',
  about: 'Measures how courses are looked at, asked for, signed, gated and searched as a school grows',
  needs: 'Needs 1 GiB in the temporary folder (TMPDIR).',
  rows: { a: courses, b: signing, c: searching },
});
