import type { CheckTable } from './rule.js';

const COPY_AGAIN =
  'copy the whole dump again while /proc/vmcore exists; otherwise the intact parts of this one can still be read';

/** Dumps of crashed kernels. */
export const VMCORE_CHECKS = {
  'elf-core': {
    rule: 'an ELF core is a 64-bit little-endian file of type ET_CORE for AArch64 or x86-64 that contains its program headers',
    source: 'parse_crash_elf64_headers()',
    errnos: ['EINVAL'],
    cure: 'give an ELF core (/proc/vmcore, or the output of kexec-file crash header); if this is one, copy the whole file again',
  },
  'dump-kind': {
    rule: 'a dump is an ELF core, or a compressed or flattened dump of makedumpfile',
    source: 'kexec-file',
    errnos: ['ENOEXEC', 'EOPNOTSUPP'],
    cure: 'give a vmcore: /proc/vmcore, a copy of it, or the output of makedumpfile',
  },
  'kdump-header': {
    rule: 'the header, notes, bitmaps and page descriptors of a compressed dump lie within the file',
    source: "makedumpfile's diskdump_mod.h",
    errnos: ['EINVAL', 'EOPNOTSUPP'],
    cure: COPY_AGAIN,
  },
  'kdump-page': {
    rule: 'a page is stored uncompressed or compressed by zlib, lzo, snappy or zstd, and has the size of one page',
    source: "makedumpfile's diskdump_mod.h",
    errnos: ['EINVAL'],
    cure: COPY_AGAIN,
  },
  'kdump-flattened': {
    rule: 'a flattened dump is a header of 4096 bytes and pieces with their offsets, up to an end mark',
    source: "makedumpfile's makedumpfile.h",
    errnos: ['EINVAL'],
    cure: COPY_AGAIN,
  },
  'dump-memory': {
    rule: 'memory that is read was dumped, and is in the file',
    source: '/proc/vmcore',
    errnos: ['EFAULT', 'ENODATA'],
    cure: 'save a dump that leaves out fewer pages (kexec-file vmcore save --filter zero,free; makedumpfile -d 17)',
  },
  'dump-address': {
    rule: 'the page tables of the crashed kernel map the virtual address',
    source: 'Arm Architecture Reference Manual, D8.3; Intel SDM, volume 3, 4.5',
    errnos: ['EFAULT'],
    cure: 'read the other parts of the dump; if pages were left out, save it again with more of them (kexec-file vmcore save --filter zero,free)',
  },
  vmcoreinfo: {
    rule: 'VMCOREINFO has the addresses, sizes and offsets that reading a dump needs',
    source: 'crash_save_vmcoreinfo_init(), Documentation/admin-guide/kdump/vmcoreinfo.rst',
    errnos: ['EINVAL', 'ENODATA'],
    cure: 'run kernels with CONFIG_VMCORE_INFO (CONFIG_CRASH_CORE before 6.9); gdb may still read parts of this dump',
  },
  'dump-log': {
    rule: "the kernel's log is a ring buffer whose descriptors and texts lie in dumped memory",
    source: 'printk_ringbuffer.h; log_buf of Linux up to 5.9',
    errnos: ['EINVAL'],
    cure: 'use a complete dump; the console or pstore may have the last lines, too',
  },
  'dump-tool': {
    rule: 'the program that reads a dump supports the size of virtual addresses of the crashed kernel',
    source: "makedumpfile's arch/arm64.c",
    errnos: [],
    cure: 'save it with kexec-file vmcore save, or let kexec-file take the place of makedumpfile (Debian: install kexec-file-makedumpfile); makedumpfile up to 1.7.8 supports 52 bits with pages of 64K alone; or run a kernel with CONFIG_ARM64_VA_BITS_48=y',
  },
  'dump-symbols': {
    rule: 'the vmlinux is the ELF file of the kernel that crashed, of the very build',
    source: 'kexec-file; NT_GNU_BUILD_ID, and BUILD-ID of VMCOREINFO',
    errnos: ['EINVAL'],
    cure: 'give the vmlinux with the build id that kexec-file vmcore info prints',
  },
  'dump-save': {
    rule: 'kexec-file saves a dump into a new file, or resumes an incomplete save of the same dump',
    source: 'kexec-file',
    errnos: ['EEXIST', 'EFBIG', 'EINVAL', 'EOPNOTSUPP'],
    cure: 'save from /proc/vmcore or a copy of it, into a new file; remove FILE.incomplete if it belongs to another dump',
  },
} as const satisfies CheckTable;
