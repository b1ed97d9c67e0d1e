import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The longest files, the longest first: for a machine that has not run them yet. */
const long = [
  'acceptance/odd-files',
  'faults/upload-faults',
  'integration/http/uploads-in-doubt',
  'integration/http/answers-in-doubt',
  'attacks/strangers-stop-playback',
  'browser/matrix',
  'integration/backup/another-installation',
  'browser/signing',
  'integration/bench',
  'browser/uploads',
  'browser/recording',
];

/**
 * Begins with the longest files, of any tier: a long one that began last would leave the other cores idle. The units come last
 * and together, since one process runs many of them only as long as they follow each other. The last run here gives the
 * duration of a file.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const known = new Map(files.map((file) => [file, this.ctx.cache.getTestSpecificationResult(file)?.duration]));
    const guessed = (file: TestSpecification) => {
      const at = long.findIndex((name) => file.moduleId.endsWith(`/tests/${name}.test.ts`));
      return at === -1 ? 0 : 30_000 + 1_000 * (long.length - at);
    };
    const lasting = (file: TestSpecification) => known.get(file) ?? guessed(file);
    const isUnit = (file: TestSpecification) => Number(file.project.name === 'unit');
    return files.toSorted((a, b) => isUnit(a) - isUnit(b) || lasting(b) - lasting(a));
  }
}
