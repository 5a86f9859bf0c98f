/**
 * `npm run demo`: sets the checkout up and boots a signed Debian kernel in QEMU, through purgatory, to an initrd that
 * tells what it was given. Where QEMU or the kernel cannot be had, it plans a load of the tests' little kernel instead,
 * and says how to get the rest.
 */

import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { debianBusybox, debianKernel } from './debian.mjs';
import { buildDemoInitrd } from './demo/initrd.mjs';
import { ROOT, say } from './setup/files.mjs';
import { setUp } from './setup.mjs';

const CLI = join(ROOT, 'bin/kexec-file.js');
/** Seconds: an emulated machine takes 5 to 30 of them. */
const PATIENCE = '300';

async function demo() {
  const problems = setUp('demo');
  if (problems.length > 0) return planInstead(problems);

  const { buildCpio } = await import('../dist/formats/cpio.js');
  const { writeFile } = await import('../dist/node/files/write-file.js');
  const initrd = join(ROOT, 'build/demo-initrd.cpio');
  mkdirSync(dirname(initrd), { recursive: true });
  await writeFile(initrd, [buildDemoInitrd(debianBusybox(), buildCpio)], []);
  return kexecFile([
    ...['boot', debianKernel('cloud-6.12'), '--initrd', initrd, '--timeout', PATIENCE],
    ...['--command-line', 'console=ttyAMA0 quiet retain_initrd greeting=hello'],
  ]);
}

function planInstead(problems) {
  say('The demo cannot boot a kernel here, so it plans a load of a little one on the preset qemu-virt.');
  const status = kexecFile([
    ...['plan', join(ROOT, 'test/witness/witness.Image'), '--machine', 'qemu-virt'],
    ...['--command-line', 'console=ttyAMA0'],
  ]);
  say(`To boot a real one:\n${problems.join('\n')}`);
  return status;
}

/** Runs the command with the terminal, as a user would, and gives its exit code. */
function kexecFile(args) {
  say(`kexec-file ${args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg)).join(' ')}`);
  const { status, error } = spawnSync(process.execPath, [CLI, ...args], { stdio: 'inherit' });
  if (error !== undefined) throw error;
  return status;
}

process.exitCode = await demo();
