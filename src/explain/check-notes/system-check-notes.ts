import type { CheckNotes } from './check-note.js';

/** Notes on the running machine, the next kernel and its initrd. */
export const SYSTEM_NOTES = {
  'live-permission': {
    why: 'to load a kernel is to replace the running one, so only root of the machine may do it',
    how: 'the command ran as a user, in a container, or after kernel.kexec_load_disabled was set',
  },
  'running-call': {
    why: 'each of the two system calls can be left out when a kernel is built',
    how: 'the kernel lacks CONFIG_KEXEC_FILE (as those of Debian for arm64) or CONFIG_KEXEC, or a container hides the call',
  },
  'crash-file-load': {
    why: 'an older kernel does not build the ELF core header and the device tree that a crash kernel needs',
    how: 'the machine runs Linux 5.0 to 5.5, and the load is one with --panic and kexec_file_load',
  },
  'running-lock': {
    why: 'there is one place for a loaded kernel, and one load at a time',
    how: 'a service (kdump-tools, kexec-load) loads at the same time',
  },
  'running-cpus': {
    why: 'a CPU that cannot be switched off would keep running in memory that the next kernel overwrites',
    how: 'the firmware has no PSCI, and the CPUs spin in a loop (enable-method spin-table)',
  },
  'running-memory': {
    why: 'files, segments and copies of pages need memory before the jump',
    how: 'the machine is short of memory, or the initrd is very large',
  },
  'ima-appraisal': {
    why: "IMA's policy can require a signature of every kernel and initrd, apart from secure boot",
    how: 'the policy has a rule for KEXEC_KERNEL_CHECK or KEXEC_INITRAMFS_CHECK, and a file has no valid signature',
  },
  'security-module': {
    why: 'a security module can deny the load to some programs and users, root included',
    how: 'the domain of the caller lacks a permission, or the files are labelled wrongly',
  },
  'kexec-load': {
    why: 'the kernel has the last word; the errno says which of its checks refused',
    how: 'the kernel refused the segments although kexec-file found nothing against them',
  },
  'kexec-file-load': {
    why: 'the kernel has the last word; the errno says which of its checks refused',
    how: 'the kernel refused the files although kexec-file found nothing against them',
  },
  reboot: {
    why: 'the loaded kernel is entered by reboot(2), as the last act of the running one',
    how: 'no kernel is loaded, or the caller may not reboot',
  },
  'command-line-present': {
    why: 'without a command line, a kernel has no root= and no console, and the machine is out of reach',
    how: '--command-line, --append and --reuse-cmdline were forgotten',
  },
  'root-device': {
    why: 'the kernel itself finds only some kinds of root=; UUID=, LABEL= and volumes of LVM are found by an initrd',
    how: 'no --initrd was given, and the command line has no root=, or one of such a kind',
  },
  'initrd-present': {
    why: 'a distribution kernel has the drivers of its disks as modules, in the initrd',
    how: '--initrd was forgotten',
  },
  'initrd-support': {
    why: 'a kernel without the decompressor cannot unpack the initrd, and panics without a root file system',
    how: 'the initrd was built for another kernel, or the distribution changed its compression',
  },
  console: {
    why: 'a remote machine whose console is silent looks dead',
    how: 'the command line was written by hand, without the console= of the running one',
  },
  'uefi-properties': {
    why: "the kernel gives up at the first property that is missing: it then has neither UEFI's memory map nor ACPI's tables",
    how: 'the EFI stub of a mainline kernel booted the machine, and a kernel of Debian, Ubuntu or Fedora is loaded, which asks for linux,uefi-secure-boot, too',
  },
  'efi-runtime': {
    why: 'db, dbx and the MOK lists are EFI variables: a kernel that cannot read them lacks the keys that they add',
    how: 'the command line of the next kernel has noefi or efi=noruntime, it is configured so, or the firmware has no such services',
  },
  'lpi-tables': {
    why: 'not every interrupt controller can be told to forget the tables of its LPIs: it writes to them until it is reset',
    how: 'the machine has a GICv3 with an ITS and was booted without UEFI, or the next kernel ignores UEFI',
  },
  'next-start': {
    why: 'nothing is printed between the last line of the old kernel and the first of the next',
    how: 'explain --log found signs that the next kernel did not start, or has no console',
  },
  'next-initrd': {
    why: 'without its initrd, the next kernel usually cannot mount its root file system',
    how: 'the log of the next kernel says that unpacking failed',
  },
  'next-root': {
    why: 'a kernel without init panics',
    how: 'the load had no initrd, or root= names a disk that the kernel does not see',
  },
  'next-memory': {
    why: 'a crash kernel has a few hundred MiB, in which its initrd must be unpacked, too',
    how: 'the log of the crash kernel has "Out of memory"',
  },
  'next-elfcorehdr': {
    why: 'without this header there is no /proc/vmcore',
    how: 'memory or CPUs changed since the crash kernel was loaded, or its header was overwritten',
  },
  'next-device-tree': {
    why: 'the next kernel learns of RAM and devices from this tree alone',
    how: '--dtb named a tree of another board, or a reservation in it is wrong',
  },
  'next-interrupts': {
    why: 'the interrupt controller writes to its tables in memory, whichever kernel runs',
    how: 'the machine was not booted by UEFI, so nothing tells the next kernel to keep that memory free',
  },
  'next-cpus': {
    why: 'the next kernel starts the other CPUs by firmware, as the first one did',
    how: 'the firmware does not permit to start a CPU again after it was switched off',
  },
  'next-devices': {
    why: 'a device that still writes to memory overwrites the next kernel',
    how: 'a driver does not stop its device at shutdown; after a crash, none does',
  },
  'ima-measurements': {
    why: 'remote attestation compares the list of measurements with the TPM, which kexec does not reset',
    how: 'kernel or system call do not pass the list on',
  },
  'kdump-service': {
    why: 'the service of the distribution loads the crash kernel at boot',
    how: 'it is disabled, failed, or its configuration names files that are not there',
  },
  'initrd-kind': {
    why: 'the kernel loads any bytes as initrd; only the next kernel finds that it cannot unpack them',
    how: 'a kernel, a disk image or a uImage was given to --initrd',
  },
  'initrd-settings': {
    why: "the decoders in the kernel are smaller than the tools', and lack some settings",
    how: 'the initrd was compressed by hand: xz with its default CRC64, lz4 in its frame format',
  },
  'initrd-whole': {
    why: 'files after the fault are missing in the next kernel',
    how: 'the file system was full while the initrd was built',
  },
  'initrd-members': {
    why: 'the kernel looks for the next archive on a multiple of 4 bytes',
    how: 'archives were put together by cat, without padding',
  },
  'initrd-work': {
    why: 'a small file can unpack to any size; the bound keeps it from using up the memory',
    how: 'the initrd has very many archives, or is made to do harm',
  },
  'initrd-room': {
    why: 'the files of an initrd stay in memory; what does not fit is lost',
    how: 'a large initrd is loaded for a small machine, or into a small crash region',
  },
  'live-platform': {
    why: 'the system calls load a kernel into the machine that runs the command',
    how: 'load, exec or unload ran on another architecture or operating system, or koffi is missing',
  },
  'live-option': {
    why: 'kexec_file_load places the segments itself, so options about places cannot reach it',
    how: '--dtb, --mem-min, --entry and the like were given with --syscall file',
  },
  'live-machine': {
    why: 'addresses change with every boot (KASLR); those of another boot would describe another kernel',
    how: '--machine names a file of another machine, or of an earlier boot',
  },
  'live-state': {
    why: 'exec would reboot through firmware in place of starting a kernel',
    how: 'nothing was loaded, or it was unloaded',
  },
} as const satisfies CheckNotes;
