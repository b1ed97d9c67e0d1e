import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take more than half a minute, the longest first: for a machine that has not run them yet. */
const long = [
  'acceptance/odd-files',
  'faults/upload-faults',
  'integration/media/redaction',
  'integration/media/known-works',
  'integration/cli/cli',
  'integration/bench',
  'browser/pages',
  'integration/http/review-and-release',
  'integration/vault-large',
  'integration/upload-simulation',
  'acceptance/crash',
  'contracts/s3-store',
  'integration/http/works',
  'attacks/strangers-fill-the-log',
  'acceptance/store-outage',
  'integration/media/odd-files',
  'integration/keys/rotation',
  'integration/keys/recover',
  'faults/log-faults',
  'acceptance/main-job',
];

/**
 * Begins with the longest files, of any tier: a long one that began last would leave the other cores idle. The last run
 * here gives the duration of a file.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const known = new Map(files.map((file) => [file, this.ctx.cache.getTestSpecificationResult(file)?.duration]));
    const guessed = (file: TestSpecification) => {
      const at = long.findIndex((name) => file.moduleId.endsWith(`/tests/${name}.test.ts`));
      return at === -1 ? 0 : 30_000 + 1_000 * (long.length - at);
    };
    const lasting = (file: TestSpecification) => known.get(file) ?? guessed(file);
    return files.toSorted((a, b) => lasting(b) - lasting(a));
  }
}
