import { availableParallelism } from 'node:os';
import process from 'node:process';
import { defineConfig } from 'vitest/config';

/** Tests that start the real program; for them `dist` is brought up to date once. */
const WITH_PROGRAM = ['test/cli/program/**/*.test.ts', 'test/e2e/**/*.test.ts'];

/** Tests that look at what keeps their process alive, and so need one of their own. */
const ALONE = ['test/node/wire/liveness.test.ts'];

/**
 * Ink draws nothing but its last frame where it believes to be in a continuous integration, and makes up its mind when it is
 * first loaded, which in a shared process is the doing of some other file. Tests look at terminals wherever they run.
 */
const DRAWS_EVERYWHERE = { CI: 'false', CONTINUOUS_INTEGRATION: 'false' };

/**
 * `vitest run` checks everything quickly. `vitest run --mode fuzz` runs only test/fuzz, which then sees MCMP_FUZZ=full and
 * takes its large numbers; `--mode soak` runs only test/fleet, for as long as it takes to believe it; `--mode mutants` judges broken balancers. MCMP_TEST_SUMMARY names a file for the result as JSON, for those who count.
 */
export default defineConfig(({ mode }) => {
  const fuzz = mode === 'fuzz';
  const soak = mode === 'soak';
  const mutants = mode === 'mutants';
  const summary = process.env['MCMP_TEST_SUMMARY'];
  const shared = {
    testTimeout: fuzz ? 3_600_000 : 20_000,
    hookTimeout: 20_000,
    pool: 'forks' as const,
    env: DRAWS_EVERYWHERE,
  };
  return {
    test: {
      // Most tests wait for sockets and processes: two workers more than there are cores keep the cores busy.
      maxWorkers: availableParallelism() + 2,
      ...(summary === undefined ? {} : { reporters: ['default', ['json', { outputFile: summary }]] }),
      projects: fuzz
        ? [
            {
              test: {
                ...shared,
                name: 'fuzz',
                include: ['test/fuzz/**/*.test.ts'],
                env: { ...DRAWS_EVERYWHERE, MCMP_FUZZ: 'full' },
              },
            },
          ]
        : soak
          ? [
              {
                test: {
                  ...shared,
                  name: 'soak',
                  include: ['test/fleet/**/*.test.ts'],
                  env: { ...DRAWS_EVERYWHERE, MCMP_SOAK: 'full' },
                },
              },
            ]
          : mutants
            ? [
                {
                  test: {
                    ...shared,
                    name: 'mutants',
                    include: ['test/conformance/mutants/*.long.ts'],
                    globalSetup: ['test/cli/program/build-program.ts'],
                    maxConcurrency: availableParallelism() + 1,
                  },
                },
              ]
            : [
                {
                  test: {
                    ...shared,
                    name: 'rooms',
                    include: ['test/**/*.test.{ts,tsx}'],
                    exclude: [...WITH_PROGRAM, ...ALONE],
                    // Files share a process, one behind the other: to load everything anew for each took a third of the time.
                    isolate: false,
                  },
                },
                { test: { ...shared, name: 'alone', include: ALONE } },
                {
                  test: {
                    ...shared,
                    name: 'program',
                    isolate: false,
                    include: WITH_PROGRAM,
                    globalSetup: ['test/cli/program/build-program.ts'],
                  },
                },
              ],
    },
  };
});
