/**
 * `npm run demo [-- --arch x86_64]`: sets the checkout up and boots a signed Debian kernel in QEMU, through purgatory, to
 * an initrd that prints what the kernel was given. If QEMU or the kernel is unavailable, it plans a load of the tests'
 * small kernel instead, and says how to install the rest.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { debianBusybox, debianKernel } from './debian.mjs';
import { buildDemoInitrd } from './demo/initrd.mjs';
import { ROOT, say } from './setup/files.mjs';
import { setUp } from './setup.mjs';

const CLI = join(ROOT, 'bin/kexec-file.js');
/** An emulated machine takes 5 to 30 s. */
const TIMEOUT_SECONDS = '300';

/** What differs by the architecture of the kernel: a purpose of setup.mjs, the key of a package, and options of `boot`. */
const DEMOS = {
  arm64: {
    purpose: 'demo',
    kernel: 'cloud-6.12',
    initrd: 'demo-initrd.cpio',
    console: 'ttyAMA0',
    options: [],
  },
  x86_64: {
    purpose: 'demo-x86_64',
    kernel: 'cloud-6.12:amd64',
    initrd: 'demo-initrd-x86_64.cpio',
    console: 'ttyS0',
    options: ['--machine', 'qemu-q35'],
  },
};

async function demo(architecture) {
  const { purpose, kernel, initrd: name, console, options } = DEMOS[architecture];
  const problems = setUp(purpose);
  if (problems.length > 0) return planInstead(problems);

  const { buildCpio } = await import('../dist/formats/cpio.js');
  const { writeFile } = await import('../dist/node/files/write-file.js');
  const initrd = join(ROOT, 'build', name);
  mkdirSync(dirname(initrd), { recursive: true });
  await writeFile(initrd, [buildDemoInitrd(debianBusybox(architecture), buildCpio)], { overwrite: true });
  return runKexecFile([
    ...['boot', debianKernel(kernel), ...options, '--initrd', initrd, '--timeout', TIMEOUT_SECONDS],
    ...['--command-line', `console=${console} quiet retain_initrd greeting=hello`],
  ]);
}

function planInstead(problems) {
  say(
    'The demo cannot boot a kernel here. Instead it plans a load of a small arm64 kernel on the preset qemu-virt.',
  );
  const status = runKexecFile([
    ...['plan', join(ROOT, 'test/witness/witness.Image'), '--machine', 'qemu-virt'],
    ...['--command-line', 'console=ttyAMA0'],
  ]);
  say(`To boot a real kernel:\n${problems.join('\n')}`);
  return status;
}

/** Runs the command on the terminal. @returns its exit code */
function runKexecFile(args) {
  say(`kexec-file ${args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg)).join(' ')}`);
  const { status, error } = spawnSync(process.execPath, [CLI, ...args], { stdio: 'inherit' });
  if (error !== undefined) throw error;
  return status;
}

function readArchitecture() {
  const { values } = parseArgs({ options: { arch: { type: 'string', default: 'arm64' } } });
  if (!Object.hasOwn(DEMOS, values.arch)) throw new Error(`--arch takes ${Object.keys(DEMOS).join(' or ')}`);
  return values.arch;
}

try {
  process.exitCode = await demo(readArchitecture());
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}
