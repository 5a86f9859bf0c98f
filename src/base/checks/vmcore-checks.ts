import type { CheckTable } from './rule.js';

const COPY_AGAIN =
  'copy the dump again, whole, while /proc/vmcore is there; what can be read of it is read all the same';

/** What a crash left. */
export const VMCORE_CHECKS = {
  'elf-core': {
    rule: 'an ELF core is a 64-bit little-endian AArch64 file of type ET_CORE with its program headers in it',
    source: 'parse_crash_elf64_headers()',
    errnos: ['EINVAL'],
    cure: 'give an ELF core (/proc/vmcore, or what kexec-file crash header makes); if this was one, copy it again, whole',
  },
  'dump-kind': {
    rule: 'a dump is an ELF core, or what makedumpfile makes of one: compressed, or flattened',
    source: 'kexec-file',
    errnos: ['ENOEXEC', 'EOPNOTSUPP'],
    cure: 'give a vmcore: /proc/vmcore, a copy of it, or what makedumpfile wrote',
  },
  'kdump-header': {
    rule: 'a compressed dump has its header, notes, bitmaps and page descriptors within the file',
    source: "makedumpfile's diskdump_mod.h",
    errnos: ['EINVAL', 'EOPNOTSUPP'],
    cure: COPY_AGAIN,
  },
  'kdump-page': {
    rule: 'a page is stored as it is, or by zlib, lzo, snappy or zstd, and unpacks to one page',
    source: "makedumpfile's diskdump_mod.h",
    errnos: ['EINVAL'],
    cure: COPY_AGAIN,
  },
  'kdump-flattened': {
    rule: 'a flattened dump is a header of 4096 bytes and pieces with their places, up to an end mark',
    source: "makedumpfile's makedumpfile.h",
    errnos: ['EINVAL'],
    cure: COPY_AGAIN,
  },
  'dump-memory': {
    rule: 'what is read was dumped, and is in the file',
    source: '/proc/vmcore',
    errnos: ['EFAULT', 'ENODATA'],
    cure: 'save a dump with fewer pages left out (kexec-file vmcore save --filter zero,free; makedumpfile -d 17)',
  },
  'dump-address': {
    rule: 'a virtual address is mapped by the page tables of the kernel that crashed',
    source: 'Arm Architecture Reference Manual, D8.3',
    errnos: ['EFAULT'],
    cure: 'take the vmlinux of the very kernel that crashed (kexec-file vmcore info tells its release)',
  },
  vmcoreinfo: {
    rule: 'VMCOREINFO tells what a dump is read by',
    source: 'crash_save_vmcoreinfo_init(), Documentation/admin-guide/kdump/vmcoreinfo.rst',
    errnos: ['EINVAL', 'ENODATA'],
    cure: 'run kernels with CONFIG_VMCORE_INFO (CONFIG_CRASH_CORE before 6.9); of this dump, gdb reads what it can',
  },
  'dump-log': {
    rule: "the kernel's log is a ring whose descriptors and texts lie in memory that was dumped",
    source: 'printk_ringbuffer.h; log_buf of Linux up to 5.9',
    errnos: ['EINVAL'],
    cure: 'take a dump that is whole; the console, or pstore, may have the last lines too',
  },
  'dump-tool': {
    rule: 'what reads a dump knows as many bits of virtual addresses as the kernel that crashed had',
    source: "makedumpfile's arch/arm64.c",
    errnos: [],
    cure: 'save it by kexec-file vmcore save, which knows 52 bits; or take a newer makedumpfile, or a kernel with CONFIG_ARM64_VA_BITS_48=y',
  },
  'dump-save': {
    rule: 'what is saved is a dump as the kernel made it, whole, into a file that is new or goes on with the same',
    source: 'kexec-file',
    errnos: ['EEXIST', 'EINVAL', 'EOPNOTSUPP'],
    cure: 'save from /proc/vmcore or an ELF copy of it, into a new file; remove FILE.incomplete of another dump',
  },
} as const satisfies CheckTable;
