import { defineConfig } from 'vitest/config';
import { beginWith } from './test/support/begin-with.js';
import { SYSTEM_TESTS } from './vitest.config.js';

/** The files that take longest. */
export const LONGEST = [
  '/kdump-tools.test.ts',
  '/install.test.ts',
  '/kdump.test.ts',
  '/kdump-tools-x86.test.ts',
];

/** The tests that run Debian systems in QEMU: `npm run test:system`. */
export default defineConfig({
  test: {
    include: [SYSTEM_TESTS],
    // Each file runs a system, which keeps a CPU busy.
    maxWorkers: '100%',
    sequence: { sequencer: beginWith(LONGEST) },
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
