import { configDefaults, defineConfig } from 'vitest/config';
import { beginWith } from './test/support/begin-with.js';
import { FLEET_TESTS, NIGHTLY_TESTS, SYSTEM_TESTS } from './vitest.config.js';
import { LONGEST } from './vitest.system.config.js';

/**
 * The tests of `npm run test:system` and of `npm run test:fleet` at once, as in CI: while Ansible waits for one host, the others
 * leave a CPU idle.
 */
export default defineConfig({
  test: {
    include: [SYSTEM_TESTS, FLEET_TESTS],
    exclude: [...configDefaults.exclude, NIGHTLY_TESTS],
    maxWorkers: '100%',
    sequence: { sequencer: beginWith(['/waves.test.ts', ...LONGEST]) },
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
