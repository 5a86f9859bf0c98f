/**
 * Sets a checkout up. It needs only Node and npm:
 *
 *     node scripts/setup.mjs [--for demo|demo-x86_64|test|system|fleet|executable|fuzz]
 *
 * It does only what is not done yet. See CONTRIBUTING.md.
 */

import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  debianBusybox,
  debianGrub,
  debianKernel,
  debianPackage,
  debianShim,
  debianStub,
  fetchDebianPackages,
  ORACLE_KERNELS,
  PACKAGE_SETS,
  TEST_KERNELS,
} from './debian.mjs';
import { ARCHITECTURES } from './debian-system/recipe.mjs';
import { buildDebianSystem, debianSystem } from './debian-system.mjs';
import { fetchFuzzer } from './fuzz/fuzzer.mjs';
import { fetchPlatformPackages, platformPackages } from './platform-packages.mjs';
import { ROOT, readJson, say, writeJson } from './setup/files.mjs';
import { ensureHostTools } from './setup/host-tools.mjs';
import { ensureBuild, ensureDependencies, ensureExecutables } from './setup/project.mjs';

/**
 * What a checkout can be set up for: the demo, for arm64 or x86_64, the tests of `npm test` and
 * `npm run test:nightly`, those of `npm run test:system`, those of `npm run test:fleet`, `npm run executable`, and `npm run fuzz`.
 */
const PURPOSES = ['demo', 'demo-x86_64', 'test', 'system', 'fleet', 'executable', 'fuzz'];

/** The purposes that need the Debian systems. */
const WITH_SYSTEM = ['system', 'fleet'];

/**
 * Installs the npm packages, builds dist, and installs the programs and Debian packages for a purpose.
 *
 * @param purpose - one of PURPOSES
 * @returns a text for each thing that is missing on this machine; the demo can do without them
 * @throws Error if the npm packages cannot be installed or dist cannot be built
 */
export function setUp(purpose) {
  ensureDependencies();
  const problems = [ensureHostTools(purpose), ensurePackages(purpose)].filter(
    (problem) => problem !== undefined,
  );
  if (WITH_SYSTEM.includes(purpose) && problems.length === 0) problems.push(...ensureDebianSystems());
  if (purpose === 'test' && problems.length === 0) writeCorpus();
  ensureBuild();
  if (purpose === 'test' && problems.length === 0) ensureExecutables();
  return problems;
}

/** @returns why packages are missing; undefined if none are */
function ensurePackages(purpose) {
  try {
    fetchDebianPackages(PACKAGE_SETS[purpose] ?? []);
    if (purpose === 'fuzz') fetchFuzzer();
    if (purpose === 'test') {
      fetchPlatformPackages('guest', 'arm64');
      fetchPlatformPackages('executable', 'x64');
    }
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/** @returns why a Debian system cannot be built; nothing if all are there */
function ensureDebianSystems() {
  try {
    for (const architecture of ARCHITECTURES) buildDebianSystem(architecture);
    const systems = Object.fromEntries(ARCHITECTURES.map((name) => [name, debianSystem(name)]));
    // Under Secure Boot, shim and GRUB start that for arm64.
    Object.assign(systems.arm64, { shim: debianShim(), grub: debianGrub() });
    writeIfChanged(join(ROOT, 'build/debian-system.json'), systems);
    return [];
  } catch (error) {
    return [error.message];
  }
}

/** Writes the paths of kernels and packages for the tests: test/support/corpus.ts reads them. */
function writeCorpus() {
  writeIfChanged(join(ROOT, 'build/corpus.json'), {
    kernels: listKernels(TEST_KERNELS.arm64),
    x86Kernels: listKernels(TEST_KERNELS.x86_64),
    oracles: Object.fromEntries(
      Object.entries(ORACLE_KERNELS).map(([release, key]) => [release, debianKernel(key)]),
    ),
    busybox: debianBusybox(),
    shim: debianShim(),
    stub: debianStub(),
    packages: Object.fromEntries(PACKAGE_SETS.test.map((key) => [key, debianPackage(key)])),
    guestNode: platformPackages('guest', 'arm64'),
    x86GuestNode: platformPackages('executable', 'x64'),
  });
}

function listKernels(keys) {
  return Object.fromEntries(
    keys.map((key) => [key, { package: debianPackage(key), path: debianKernel(key) }]),
  );
}

function writeIfChanged(path, value) {
  if (JSON.stringify(readJson(path)) !== JSON.stringify(value)) writeJson(path, value);
}

function main() {
  const { values } = parseArgs({ options: { for: { type: 'string', default: 'test' } } });
  if (!PURPOSES.includes(values.for)) throw new Error(`--for takes ${PURPOSES.join(' or ')}`);
  const problems = setUp(values.for);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

if (fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
  try {
    main();
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
