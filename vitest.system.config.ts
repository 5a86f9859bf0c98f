import { defineConfig } from 'vitest/config';
import { SYSTEM_TESTS } from './vitest.config.js';

/** The tests that run Debian systems in QEMU: `npm run test:system`. */
export default defineConfig({
  test: {
    include: [SYSTEM_TESTS],
    // Each file runs a system, which keeps a CPU busy.
    maxWorkers: '100%',
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
