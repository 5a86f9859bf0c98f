import { existsSync } from 'node:fs';
import { attemptAsync, KexecError, refuse } from '../../base/error.js';
import { isX86Vmlinux } from '../../formats/elf/x86-vmlinux.js';
import { extractVmlinux, extractVmlinuxStart } from '../../kernel-file/extract-vmlinux.js';
import { findBanner } from '../../kernel-file/kernel-banner.js';
import type { UnknownFact } from '../../machine/machine-facts.js';
import { findKernelPurgatory } from '../../machine/x86-64/kernel-purgatory.js';
import type { KernelPurgatory, X86Machine } from '../../machine/x86-64/x86-machine.js';
import { nodeDecompress } from '../codecs/node-decompress.js';
import { readFile } from '../files/read-file.js';

/**
 * Adds the purgatory of the running kernel to a machine, which is in that kernel's file.
 *
 * @param path - of a bzImage or vmlinux
 * @throws KexecError `ENODATA`, check `running-purgatory`, if it is the file of another release, or has none; the checks of
 *   a bzImage; `file-access`.
 */
export async function addPurgatory(machine: X86Machine, path: string): Promise<X86Machine> {
  return addPurgatoryFrom(machine, readFile(path), path);
}

/** Adds it to this machine, if its kernel's file is where distributions install it; `unknown` says why it could not. */
export async function addOwnPurgatory(machine: X86Machine): Promise<X86Machine> {
  const release = machine.kernel?.release;
  const path = [`/boot/vmlinuz-${release}`, `/lib/modules/${release}/vmlinuz`].find((each) =>
    existsSync(each),
  );
  if (release === undefined || path === undefined) return machine;
  return noteFailure(machine, () => addPurgatory(machine, path));
}

/** Adds it to a machine that this kernel was booted on; `unknown` says why it could not. @param kernel - a bzImage */
export async function addBootedPurgatory(machine: X86Machine, kernel: Uint8Array): Promise<X86Machine> {
  return noteFailure(machine, () => addPurgatoryFrom(machine, kernel, 'the kernel that was booted'));
}

async function noteFailure(machine: X86Machine, add: () => Promise<X86Machine>): Promise<X86Machine> {
  const added = await attemptAsync(add);
  if (!(added instanceof KexecError)) return added;
  return { ...machine, unknown: [...listOthers(machine), { fact: 'purgatory', reason: added.seen }] };
}

/** @param name - of the kernel, in refusals */
async function addPurgatoryFrom(machine: X86Machine, kernel: Uint8Array, name: string): Promise<X86Machine> {
  const running = machine.kernel?.release;
  const release = findBanner(kernel)?.release;
  if (running !== undefined && release !== undefined && release !== running) {
    refuse('running-purgatory', 'ENODATA', `${name} is Linux ${release}; ${machine.name} runs ${running}`);
  }
  const purgatory = await findPurgatory(kernel);
  if (purgatory === undefined)
    refuse(
      'running-purgatory',
      'ENODATA',
      `${name} has no purgatory: it was built without CONFIG_KEXEC_FILE`,
    );
  const { unknown: _, ...facts } = machine;
  const left = listOthers(machine);
  return { ...facts, ...(left.length === 0 ? {} : { unknown: left }), x86: { ...machine.x86, purgatory } };
}

/** @param kernel - a bzImage or vmlinux */
async function findPurgatory(kernel: Uint8Array): Promise<KernelPurgatory | undefined> {
  if (isX86Vmlinux(kernel)) return findKernelPurgatory(kernel);
  const start = await extractVmlinuxStart(kernel, nodeDecompress);
  const purgatory = start && findKernelPurgatory(start);
  return purgatory ?? findKernelPurgatory(await extractVmlinux(kernel, nodeDecompress));
}

function listOthers({ unknown = [] }: X86Machine): readonly UnknownFact[] {
  return unknown.filter(({ fact }) => fact !== 'purgatory');
}
