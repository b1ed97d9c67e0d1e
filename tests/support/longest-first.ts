import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The tiers in the order of their turns. A process serves one tier only, for as long as its files follow each other. */
const turns = [
  ...['machines', 'faults', 'acceptance', 'containers', 'contracts'],
  ...['browser', 'attacks', 'integration', 'unit-alone', 'unit'],
];

/** The longest files, the longest first: for a machine that has not run them yet. */
const long = [
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
 * One tier after the other, each beginning with its longest files. The short files of the last tier, the units, keep all
 * cores busy to the end. The last run here gives the duration of a file.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const known = new Map(files.map((file) => [file, this.ctx.cache.getTestSpecificationResult(file)?.duration]));
    const guessed = (file: TestSpecification) => {
      const at = long.findIndex((name) => file.moduleId.endsWith(`/tests/${name}.test.ts`));
      return at === -1 ? 0 : 30_000 + 1_000 * (long.length - at);
    };
    const lasting = (file: TestSpecification) => known.get(file) ?? guessed(file);
    const turn = (file: TestSpecification) => turns.indexOf(file.project.name);
    return files.toSorted((a, b) => turn(a) - turn(b) || lasting(b) - lasting(a));
  }
}
