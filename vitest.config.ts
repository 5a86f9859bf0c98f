import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig, type ViteUserConfig } from 'vitest/config';
import { beginWith } from './test/support/begin-with.js';

/** They take minutes, and need what `npm run setup -- --for system` builds: `npm run test:system`. */
export const SYSTEM_TESTS = 'test/system/**/*.test.ts';

/** They need what `npm run setup -- --for fleet` installs, too: `npm run test:fleet`. */
export const FLEET_TESTS = 'test/fleet/**/*.test.ts';

/** They take minutes each, and repeat on a smaller machine what other tests prove: `npm run test:nightly`. */
export const NIGHTLY_TESTS = 'test/**/*.nightly.test.ts';

/** They need what `npm run setup` installs. The others run anywhere: `npm run test:unit`. */
export const SETUP_TESTS = ['test/**/*.debian.test.ts', 'test/{boot,cases,guest,conformance,package}/**'];

/** The folders whose files take longest: their guests take minutes. */
const LONGEST = ['/test/guest/', '/test/boot/'];

const ROOT = fileURLToPath(new URL('.', import.meta.url));

/** What a test file says that replaces modules, or has a browser, which ends with the file. */
const NEEDS_OWN_PROCESS = /\bvi\.(mock|doMock)\(|\/support\/(chromium|inspector-page)\.js'/;

/** The test files that cannot share a process with others. */
function listOwnProcessTests(): string[] {
  return readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .map((name) => `test/${name}`)
    .filter((path) => path.endsWith('.test.ts'))
    .filter((path) => NEEDS_OWN_PROCESS.test(readFileSync(join(ROOT, path), 'utf8')));
}

/** A glob of test files alone, out of one that may take all files of a folder. */
function onlyTests(glob: string): string {
  return glob.endsWith('/**') ? `${glob}/*.test.ts` : glob;
}

/**
 * The configuration of the suite `main`, or of a part of it.
 *
 * @param excluded - globs of files that are left out: with projects, `--exclude` has no effect
 */
export function configureMain(excluded: readonly string[] = []): ViteUserConfig {
  const ownProcess = listOwnProcessTests();
  const exclude = [...configDefaults.exclude, SYSTEM_TESTS, FLEET_TESTS, NIGHTLY_TESTS, ...excluded];
  return defineConfig({
    test: {
      projects: [
        // The programs that these start inherit from the process: its peak of memory counts as theirs (getrusage(2)).
        {
          extends: true,
          test: { name: 'own process', include: [...ownProcess, ...SETUP_TESTS.map(onlyTests)], exclude },
        },
        {
          // To start a process and import all modules again would take a CPU for most of a second a file.
          extends: true,
          test: {
            name: 'shared process',
            include: ['test/**/*.test.ts'],
            exclude: [...exclude, ...ownProcess, ...SETUP_TESTS],
            isolate: false,
          },
        },
      ],
      sequence: { sequencer: beginWith(LONGEST) },
      // A worker for every CPU: by default, one CPU is left idle, which is half of a machine with two.
      maxWorkers: '100%',
      // What the command prints for people has whole lines, unless a test asks for a width.
      env: { COLUMNS: '100000' },
      // No test asserts a time; these end what hangs, on however slow a machine.
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  });
}

export default configureMain();
