import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // No test asserts a time; this ends one that hangs, on however slow a machine.
    testTimeout: 120_000,
  },
});
