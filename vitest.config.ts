import { configDefaults, defineConfig } from 'vitest/config';

/** They take minutes, and need what `npm run setup -- --for system` builds: `npm run test:system`. */
export const SYSTEM_TESTS = 'test/system/**/*.test.ts';

/** They need what `npm run setup -- --for fleet` installs, too: `npm run test:fleet`. */
export const FLEET_TESTS = 'test/fleet/**/*.test.ts';

/** They take minutes each, and repeat on a smaller machine what other tests prove: `npm run test:nightly`. */
export const NIGHTLY_TESTS = 'test/**/*.nightly.test.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, SYSTEM_TESTS, FLEET_TESTS, NIGHTLY_TESTS],
    // A worker for every CPU: by default, one CPU is left idle, which is half of a machine with two.
    maxWorkers: '100%',
    // What the command prints for people has whole lines, unless a test asks for a width.
    env: { COLUMNS: '100000' },
    // No test asserts a time; these end what hangs, on however slow a machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
