import type { Reporter, TestModule } from 'vitest/node';

const namedFiles = 10;

/** Reports the progress of the run after each file, and the slowest files at the end. */
export default class Progress implements Reporter {
  readonly #ended: { file: string; seconds: number }[] = [];
  #files = 0;

  onTestRunStart(files: readonly unknown[]): void {
    this.#files = files.length;
    this.#ended.length = 0;
  }

  onTestModuleEnd(module: TestModule): void {
    const { environmentSetupDuration, prepareDuration, collectDuration, setupDuration, duration } = module.diagnostic();
    const ms = environmentSetupDuration + prepareDuration + collectDuration + setupDuration + duration;
    const one = { file: module.relativeModuleId, seconds: ms / 1_000 };
    this.#ended.push(one);
    console.log(`file ${this.#ended.length} of ${this.#files}, ${one.seconds.toFixed(1)} s: ${one.file}`);
  }

  onTestRunEnd(): void {
    const slowest = this.#ended.toSorted((a, b) => b.seconds - a.seconds).slice(0, namedFiles);
    console.log(`\nThe ${slowest.length} slowest of ${this.#ended.length} files:`);
    for (const { file, seconds } of slowest) console.log(`${seconds.toFixed(1).padStart(8)} s  ${file}`);
  }
}
