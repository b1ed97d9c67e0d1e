import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/support/longest-first.ts';

/** Measures the memory of its process: it has one of its own. */
const alone = ['tests/unit/client/upload.test.ts'];

const project = (name: string, testTimeout: number, folder = name) => ({
  extends: true as const,
  test: {
    name,
    include: [`tests/${folder}/*.test.ts`, `tests/${folder}/!(machines)/**/*.test.ts`],
    testTimeout,
    hookTimeout: Math.max(60_000, testTimeout),
  },
});

const unit = project('unit', 30_000);

/**
 * Tiers: `unit` needs nothing but Node; the others share one embedded PostgreSQL and the S3 servers that
 * tests/support/global-setup.ts starts once. `attacks` has one file for each thing that must not happen.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './tests/support/progress.ts'],
    projects: [
      // One process runs many of these files: to load what they need takes longer than most of them.
      { ...unit, test: { ...unit.test, exclude: alone, isolate: false } },
      { ...unit, test: { ...unit.test, name: 'unit-alone', include: alone } },
      // Needs a Docker engine; the file says what is skipped without one.
      project('containers', 120_000),
      ...[
        project('contracts', 120_000),
        project('integration', 300_000),
        project('attacks', 300_000),
        project('acceptance', 120_000),
        project('browser', 120_000),
        project('faults', 30 * 60_000),
        // Ten machines as network namespaces: a quarter of an hour, root, and programs that nothing else needs.
        ...(process.env.EMANET_MACHINES ? [project('machines', 15 * 60_000, 'faults/machines')] : []),
      ].map((tier) => ({
        ...tier,
        test: {
          ...tier.test,
          globalSetup: ['tests/support/global-setup.ts'],
        },
      })),
    ],
  },
});
