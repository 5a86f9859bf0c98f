import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A worker for every CPU: by default, one CPU is left idle, which is half of a machine with two.
    maxWorkers: '100%',
    // What the command prints for people has whole lines, unless a test asks for a width.
    env: { COLUMNS: '100000' },
    // No test asserts a time; these end what hangs, on however slow a machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
