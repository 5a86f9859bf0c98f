import { defineConfig } from 'vitest/config';
import { NIGHTLY_TESTS } from './vitest.config.js';

/** The tests that run each night: `npm run test:nightly`. */
export default defineConfig({
  test: { include: [NIGHTLY_TESTS], maxWorkers: '100%' },
});
