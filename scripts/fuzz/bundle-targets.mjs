import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleTests } from '../load-bundled.mjs';
import { ROOT } from '../setup/files.mjs';

/**
 * Bundles the targets of a file of test/fuzz/targets for the fuzzer: alone, because all code in the bundle is instrumented each
 * time that a target starts.
 *
 * @param group - the first word of the file's name
 * @returns the bundle's path
 */
export async function bundleTargets(group) {
  const folder = join(ROOT, 'build/fuzz/bundles');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, `${group}.ts`),
    `import { createFuzz } from '../../../test/fuzz/create-fuzz.js';
import { ${group.toUpperCase()}_TARGETS as targets } from '../../../test/fuzz/targets/${group}-targets.js';
export const fuzz = createFuzz(targets);
`,
  );
  return bundleTests(`build/fuzz/bundles/${group}.ts`, `build/fuzz/bundles/${group}.cjs`, 'cjs');
}
