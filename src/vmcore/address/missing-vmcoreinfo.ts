import type { Dump } from '../open/open-dump.js';

/** `n_type` of the note in which a process's core names its program: NT_PRPSINFO. */
const NT_PRPSINFO = 3;

/**
 * What to do about a dump without VMCOREINFO, by who wrote it; undefined if a kernel did.
 *
 * A hypervisor copies the note only if the guest's qemu_fw_cfg reported its address (QEMU,
 * docs/specs/vmcoreinfo.rst).
 */
export function cureMissingVmcoreinfo({ notes, isOfHypervisor }: Dump): string | undefined {
  if (notes.some(({ name, type }) => name === 'CORE' && type === NT_PRPSINFO))
    return 'this is the core of a process (gdb PROGRAM CORE reads it): give the dump of a kernel';
  if (!isOfHypervisor) return undefined;
  return (
    'a hypervisor dumps VMCOREINFO only if the guest has QEMU\'s -device vmcoreinfo (libvirt: <features><vmcoreinfo state="on"/></features>) ' +
    'and its driver qemu_fw_cfg: add it, restart the guest, and dump again; crash(8) reads this dump with the vmlinux, ' +
    'and --vmcoreinfo FILE takes the text from elsewhere'
  );
}
