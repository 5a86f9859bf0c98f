import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { SYSTEM_TESTS } from './vitest.config.js';

/** The files that take longest: they begin first, so that no CPU waits for the last one. */
const LONGEST = ['kdump-tools.test.ts', 'install.test.ts', 'kdump.test.ts', 'kdump-tools-x86.test.ts'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = LONGEST.indexOf(basename(moduleId));
      return index < 0 ? LONGEST.length : index;
    };
    return files.toSorted((a, b) => rank(a) - rank(b));
  }
}

/** The tests that run Debian systems in QEMU: `npm run test:system`. */
export default defineConfig({
  test: {
    include: [SYSTEM_TESTS],
    // Each file runs a system, which keeps a CPU busy.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
