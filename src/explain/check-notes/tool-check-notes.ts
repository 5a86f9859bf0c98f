import type { CheckNotes } from './check-note.js';

const CUT_SHORT = 'the dump was cut short, or copied while it was written';

const DAMAGED_ARCHIVE = 'the archive was cut short or damaged, or is of another format of cpio';

/** Notes on files, machine files, dumps, capture initrds and QEMU. */
export const TOOL_NOTES = {
  'file-access': {
    why: 'the operating system decides whether a file can be read or written',
    how: 'the name is mistyped, the user lacks permission, the disk is full, or an output exists',
    example: 'kexec-file plan nofile --machine qemu-virt',
  },
  'iomem-line': {
    why: 'the memory map of a recorded machine is read from these lines',
    how: 'only part of the file was copied, or it was edited',
  },
  'memblock-line': {
    why: 'the lines say which memory the kernel reserved before it started its allocator',
    how: 'only part of the file was copied, or it was edited',
  },
  'acpi-table': {
    why: 'the tables name the console and how CPUs are started; a damaged one would name others',
    how: 'the table was cut when it was copied, or the firmware made it wrong; the machine is recorded without it',
  },
  'range-order': {
    why: 'a range that ends before it starts contains nothing',
    how: 'two addresses were exchanged',
    example: 'kexec-file plan vmlinuz --machine qemu-virt --mem-min 0x50000000 --mem-max 0x40000000',
  },
  'machine-schema': {
    why: 'a plan is as good as the machine that it is for, so a file with unknown or missing fields is refused',
    how: 'the file was written by hand, by a newer version, or is no machine file',
    example: "echo '{}' >m.json; kexec-file plan vmlinuz --machine m.json",
  },
  'machine-text': {
    why: 'a collected file is read as the kernel prints it',
    how: 'a file was edited, or another file has its name',
  },
  'machine-archive': {
    why: 'an archive from another machine is not trusted: its size is limited, and only regular files in it are read',
    how: 'the tar was changed by a transfer in text mode, or contains more than the collector collects',
  },
  'fleet-file': {
    why: 'a fleet file has facts and machines in lines of their own, so a line that is missing or changed is a machine that is not planned',
    how: 'a copy was cut short, a text editor or another program rewrote lines, or the file was packed with frames of more than 8 MiB',
  },
  'preflight-report': {
    why: 'two reports are compared machine by machine, by the lines of both',
    how: '--against names another file, or a report that was cut short or printed without --json',
  },
  'machine-live': {
    why: 'the facts of a machine are in files of Linux on arm64 and x86_64',
    how: 'machine record ran without --from on another machine',
  },
  'boot-entry': {
    why: 'without a kernel on the command line, the boot loader decides what is loaded',
    how: 'the machine has no configuration of a boot loader that is known here, or the name has a typing mistake',
  },
  'boot-entry-form': {
    why: 'a guess could start another kernel, or the right one without its root file system',
    how: 'the entry starts another system or a hypervisor, or a script of GRUB decides by what it finds at boot',
  },
  'boot-entry-file': {
    why: 'an entry counts its paths from the root of its own partition, and that may not be mounted',
    how: 'the partition of the boot loader is not mounted, or the kernel was removed and the entry was not',
  },
  settings: {
    why: 'a misspelt key that is ignored would leave a machine with the default in its place, unnoticed',
    how: 'a key has a typing mistake or stands under another section, a text has no quotes, or a path is not absolute',
  },
  'kdump-files': {
    why: 'a kernel of another release has other modules, and its initrd may not find the root file system',
    how: 'the running kernel was removed by an upgrade, or lies where no distribution puts it',
  },
  'kdump-unit': {
    why: 'without this unit, the capture kernel would boot and save nothing',
    how: 'kexec-file was installed without its Debian package, or the machine runs another init',
  },
  'kdump-target': {
    why: 'what is saved into memory, or onto a full or read-only disk, is lost',
    how: 'the folder is a mistyped path, on a tmpfs, or on a disk that is full or mounted read-only',
  },
  'kdump-save': {
    why: 'in a machine that was booted normally, there is nothing to save',
    how: 'the command was called by hand, or the capture kernel lacks CONFIG_PROC_VMCORE',
    example: 'kexec-file kdump save',
  },
  'kdump-crash': {
    why: 'a crash ends everything that the machine does; it is worth that only if its dump is saved',
    how: 'the crash kernel was unloaded, or never loaded',
  },
  'kdump-end': {
    why: 'a machine that stays in its capture kernel does none of its work',
    how: 'systemd is not the init of the capture kernel, or no longer answers',
  },
  'capture-target': {
    why: 'the capture initrd has no other configuration than its targets',
    how: 'a path or a device was given without its kind',
    example: 'kexec-file crash initrd -o kdump.img --save /var/crash',
  },
  'capture-busybox': {
    why: 'the capture initrd has no libraries, so its only program must need none',
    how: 'busybox is not installed, is linked dynamically, or is for the architecture of this host',
  },
  'kernel-module': {
    why: 'a module loads only into the kernel that it was built for, after those that it depends on',
    how: '--modules names the folder of another release, or only part of it',
  },
  'crash-hotplug': {
    why: 'without this support, a crash kernel that was loaded before a hotplug does not know of the new memory',
    how: '--hotplug was given; arm64 kernels, and those of x86_64 before Linux 6.6, have no CONFIG_CRASH_HOTPLUG',
  },
  rehearsal: {
    why: 'the guest of a rehearsal needs as much memory as its crash region and a kernel beside it',
    how: 'the recorded machine has a large crashkernel=, and this host little free memory',
  },
  'elf-core': {
    why: 'the program headers say which memory is where in the file',
    how: 'the file is no core, is of another architecture, or was cut short',
    example: 'kexec-file crash lint vmlinuz',
  },
  'dump-kind': {
    why: 'a dump is read by address, for which its format must be known',
    how: 'the file is no dump, or comes from a hypervisor with a format of its own',
    example: 'kexec-file vmcore info vmlinuz',
  },
  'kdump-header': { why: 'the header says where bitmaps and pages are', how: CUT_SHORT },
  'kdump-page': {
    why: 'each page is compressed by itself, and must have the size of a page again',
    how: CUT_SHORT,
  },
  'kdump-flattened': {
    why: 'a flattened dump is a stream for a pipe; its pieces are put in their places when it is read',
    how: CUT_SHORT,
  },
  'dump-memory': {
    why: 'memory that was left out of a dump cannot be read',
    how: 'the dump was saved with a filter that leaves out these pages',
  },
  'dump-address': {
    why: "an address of the kernel is translated by the kernel's own page tables",
    how: 'the vmlinux belongs to another build, or the page tables were damaged by the crash',
  },
  vmcoreinfo: {
    why: 'offsets of fields differ between kernels; VMCOREINFO has those of the crashed one',
    how: 'the kernel was built without it, or the dump was made by a tool that left it out',
  },
  'dump-log': {
    why: 'the log is a structure in the memory of the crashed kernel',
    how: 'its pages were left out of the dump, or it was damaged by the crash',
  },
  'dump-tool': {
    why: 'makedumpfile and crash need support for kernels with 52 bits of virtual addresses',
    how: 'the kernel was built for 52 bits and pages of 4K or 16K, also if its CPUs have 48 bits only',
  },
  'dump-symbols': {
    why: 'addresses of another build point to other functions, without any sign of it',
    how: 'the vmlinux of another release, or of another build of the same release, was given',
  },
  'dump-save': {
    why: 'an incomplete save is resumed only for the same dump, and a complete file is never overwritten',
    how: 'the output exists, or belongs to another dump',
  },
  'file-kind': {
    why: 'inspect shows what it understands; it has nothing to say about unknown bytes',
    how: 'the file is of another format, or its beginning is damaged',
    example: 'echo hello >text; kexec-file inspect text',
  },
  'cpio-header': {
    why: 'each entry of an archive begins with a header of fixed form',
    how: DAMAGED_ARCHIVE,
    example: 'printf 070701 >a.cpio; kexec-file inspect a.cpio',
  },
  'cpio-entry': { why: 'a name or data beyond the end of the archive are not there', how: DAMAGED_ARCHIVE },
  'cpio-checksum': { why: 'the checksum shows whether the data changed', how: DAMAGED_ARCHIVE },
  tamper: {
    why: '--tamper changes one bit that exists, to see purgatory refuse the segment',
    how: 'the offset is beyond the end of the segment, or there is no such segment',
  },
  'qemu-run': {
    why: 'boot, rehearse and record run a guest, and report how it ended',
    how: 'QEMU is not installed, does not know an option, or the guest did not end in time',
  },
  'qemu-options': {
    why: 'a machine file from elsewhere must not make QEMU open files or devices of this host',
    how: 'the options name another board, a file, or a size in a form that QEMU does not take',
  },
  'qemu-firmware': {
    why: 'QEMU has no UEFI firmware of its own that all distributions install',
    how: 'the package of the firmware is missing, or the kernel was built without CONFIG_EFI',
  },
  'qemu-machine': {
    why: 'QEMU cannot imitate the devices of a real machine, nor what UEFI has left in its memory',
    how: 'boot --machine names a machine that was recorded on hardware, or that UEFI booted in QEMU',
  },
} as const satisfies CheckNotes;
