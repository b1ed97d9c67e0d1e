import { inMemory } from './in-memory.ts';
import { memory } from './memory.ts';
import { resuming } from './resuming.ts';
import { rewrapping } from './rewrapping.ts';
import { runBenches } from './run-benches.ts';
import { seeking } from './seeking.ts';
import { staging } from './staging.ts';
import { uploading } from './uploading.ts';

process.exitCode = await runBenches({
  command: 'bench:vault',
  about: 'Measures the vault against its peers in the same run',
  needs: `Programs that are not on PATH can be named: EMANET_BENCH_SQOP, EMANET_BENCH_GOSOP, EMANET_BENCH_AGE, EMANET_BENCH_AWS.
Needs 25 GiB in the temporary folder (TMPDIR). For (b), scripts/s3-server starts Debian's Swift; S3_SERVERS= does without.`,
  rows: {
    a: inMemory,
    b: uploading,
    c: seeking,
    d: memory,
    e: rewrapping,
    f: resuming,
    g: staging,
  },
});
