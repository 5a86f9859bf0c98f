import { configDefaults, defineConfig } from 'vitest/config';
import { FLEET_TESTS, NIGHTLY_TESTS } from './vitest.config.js';

/** The tests that drive Debian systems in QEMU by Ansible: `npm run test:fleet`. */
export default defineConfig({
  test: {
    include: [FLEET_TESTS],
    exclude: [...configDefaults.exclude, NIGHTLY_TESTS],
    // A file runs up to three systems.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
