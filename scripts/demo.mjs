/**
 * `npm run demo`: sets the checkout up and boots a signed Debian kernel in QEMU, through purgatory, to an initrd that
 * prints what the kernel was given. If QEMU or the kernel is unavailable, it plans a load of the tests' small kernel
 * instead, and says how to install the rest.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { debianBusybox, debianKernel } from './debian.mjs';
import { buildDemoInitrd } from './demo/initrd.mjs';
import { ROOT, say } from './setup/files.mjs';
import { setUp } from './setup.mjs';

const CLI = join(ROOT, 'bin/kexec-file.js');
/** An emulated machine takes 5 to 30 s. */
const TIMEOUT_SECONDS = '300';

async function demo() {
  const problems = setUp('demo');
  if (problems.length > 0) return planInstead(problems);

  const { buildCpio } = await import('../dist/formats/cpio.js');
  const { writeFile } = await import('../dist/node/files/write-file.js');
  const initrd = join(ROOT, 'build/demo-initrd.cpio');
  mkdirSync(dirname(initrd), { recursive: true });
  await writeFile(initrd, [buildDemoInitrd(debianBusybox(), buildCpio)], { overwrite: true });
  return runKexecFile([
    ...['boot', debianKernel('cloud-6.12'), '--initrd', initrd, '--timeout', TIMEOUT_SECONDS],
    ...['--command-line', 'console=ttyAMA0 quiet retain_initrd greeting=hello'],
  ]);
}

function planInstead(problems) {
  say(
    'The demo cannot boot a kernel here. Instead it plans a load of a small kernel on the preset qemu-virt.',
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

process.exitCode = await demo();
