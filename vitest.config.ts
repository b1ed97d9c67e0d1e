import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/support/longest-first.ts';

/** Files that measure the memory of their process, or ask for what a process says only once: they have one each. */
const alone: Record<string, string[]> = {
  unit: ['tests/unit/client/upload.test.ts'],
  integration: ['tests/integration/vault-large.test.ts', 'tests/integration/one-query-at-a-time.test.ts'],
};

const project = (name: string, testTimeout: number, folder = name) => ({
  extends: true as const,
  test: {
    name,
    include: [`tests/${folder}/*.test.ts`, `tests/${folder}/!(machines)/**/*.test.ts`],
    testTimeout,
    hookTimeout: Math.max(60_000, testTimeout),
  },
});

/**
 * Files of such a tier leave their process as they found it, so one process runs many: to load the server and to warm it
 * up takes longer than most of them.
 */
const sharing = (name: string, testTimeout: number) => {
  const one = project(name, testTimeout);
  const own = alone[name] ?? [];
  return [
    { ...one, test: { ...one.test, exclude: own, isolate: false } },
    ...(own.length > 0 ? [{ ...one, test: { ...one.test, name: `${name}-alone`, include: own } }] : []),
  ];
};

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
      ...sharing('unit', 30_000),
      // Needs a Docker engine; the file says what is skipped without one.
      project('containers', 120_000),
      ...[
        project('contracts', 120_000),
        ...sharing('integration', 300_000),
        ...sharing('attacks', 300_000),
        project('acceptance', 120_000),
        ...sharing('browser', 120_000),
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
