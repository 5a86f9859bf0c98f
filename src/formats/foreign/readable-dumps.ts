import { type ForeignKind, kind } from './foreign-file.js';

const READ_DUMP = 'kexec-file vmcore info reads it; to load a kernel, give the kernel';

/** Dumps of memory, and saved states of virtual machines. */
export const FOREIGN_DUMPS: readonly ForeignKind[] = [
  kind('a compressed kdump file', READ_DUMP, [0, 'KDUMP   '], [0, 'DISKDUMP']),
  kind('a flattened kdump file', READ_DUMP, [0, 'makedumpfile\0']),
  kind(
    'a LiME dump',
    'LiME format=raw or padded, or a dump by kdump or by QEMU (dump-guest-memory), can be read; this format has no notes',
    [0, 'EMiL'],
  ),
  kind(
    'a state of a virtual machine that libvirt saved',
    'restore it (virsh restore), then dump its memory: virsh dump --memory-only --format=elf',
    [0, 'LibvirtQemudSave'],
    [0, 'LibvirtQemudPart'],
  ),
  kind(
    'a state of a virtual machine that QEMU saved',
    'load it (-incoming), then dump its memory: dump-guest-memory in the monitor',
    [0, 'QEVM'],
  ),
  kind(
    'a VMware memory state',
    'vmss2core makes an ELF core of it',
    [0, '\xd2\xbe\xd2\xbe'],
    [0, '\xd1\xbe\xd2\xbe'],
  ),
  kind('a crash dump of Windows', 'it is of another system', [0, 'PAGEDUMP'], [0, 'PAGEDU64']),
];
