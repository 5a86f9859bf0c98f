import type { CheckTable } from './rule.js';

const BOOTING = 'Documentation/arch/arm64/booting.rst';
const PESPEC = 'PE/COFF specification';

/** What is wrong with a PE file that was signed, and is so no more. */
const FETCH_PE = 'fetch the file again: it is cut short or damaged; kexec-file inspect shows what is in it';

/** Kernel and initrd as files, and what a kernel comes in. */
export const FILE_CHECKS = {
  'file-size': {
    rule: 'a kernel or an initrd holds 1 byte to 4 GiB',
    source: 'kernel_read_file()',
    errnos: ['EINVAL', 'EFBIG'],
    cure: 'give the whole file; an empty one is often a download or a build that failed',
  },
  'kernel-file': {
    rule: 'a kernel file holds an arm64 Image, in at most 6 wrappings of the kinds that kexec-file knows',
    source: 'kexec-file',
    errnos: ['ENOEXEC'],
    cure: 'kexec-file inspect shows what is in the file; take one that has an arm64 Image in it',
  },
  'compressed-data': {
    rule: 'compressed data is whole and well-formed, and its checksums hold',
    source: 'the specification of its format',
    errnos: ['EBADMSG'],
    cure: 'fetch or build the file again: it is cut short or damaged',
  },
  'unwrapped-size': {
    rule: 'an Image in a file has at most image_size bytes, and all that is decompressed at most 192 MiB',
    source: 'kexec-file',
    errnos: ['EFBIG'],
    cure: 'take the Image out of the file, or a vmlinux without debug information',
  },
  zboot: {
    rule: 'the payload lies within the file, and its compression is known',
    source: 'zboot-header.S',
    errnos: ['ENOEXEC'],
    cure: 'fetch the file again: it is cut short or damaged; or build the kernel without CONFIG_EFI_ZBOOT',
  },
  uki: {
    rule: 'a UKI has one .linux, and one section of every other name that is used',
    source: 'UAPI Group Specifications, UKI; systemd-stub(7)',
    errnos: ['ENOEXEC'],
    cure: 'build the UKI again (ukify build); kexec-file inspect shows its sections',
  },
  vmlinux: {
    rule: "an AArch64 ELF-64 file's PT_LOADs lie within the file and apart, and an Image header is at its entry",
    source: 'ELF-64 object file format; arch/arm64/kernel/vmlinux.lds.S',
    errnos: ['ENOEXEC'],
    cure: 'take arch/arm64/boot/Image of the same build',
  },
  uimage: {
    rule: 'a uImage is Linux for arm64, and header and data have the CRCs that the header says',
    source: "U-Boot's image.h",
    errnos: ['ENOEXEC'],
    cure: 'make it again from the Image (mkimage -A arm64 -O linux -T kernel), or give the Image itself',
  },
  fit: {
    rule: 'a FIT has a configuration whose images lie within the file, and have the hashes that it says',
    source: "U-Boot's Flat Image Tree specification",
    errnos: ['EBADMSG', 'ENOEXEC'],
    cure: 'make it again (mkimage -f), or give the Image itself; kexec-file inspect shows its configurations',
  },
  'image-header': {
    rule: 'an arm64 Image begins with a 64-byte header',
    source: 'image_probe()',
    errnos: ['EINVAL'],
    cure: 'give the whole file',
  },
  'image-magic': {
    rule: 'bytes 56 to 59 of an arm64 Image are "ARM\\x64"',
    source: 'image_probe()',
    errnos: ['EINVAL'],
    cure: 'take an arm64 Image (arch/arm64/boot/Image, /boot/vmlinuz-* of a distribution), or what one comes in',
  },
  'image-size': {
    rule: 'image_size is not 0',
    source: 'image_load()',
    errnos: ['EINVAL'],
    cure: 'take a kernel from 3.17 on',
  },
  'image-span': {
    rule: 'text_offset + image_size fits in 64 bits',
    source: BOOTING,
    errnos: ['EINVAL', 'EADDRNOTAVAIL'],
    cure: 'fetch the file again: no build makes such a header',
  },
  'pe-header': {
    rule: 'MZ, PE, COFF and optional headers lie within the file',
    source: PESPEC,
    errnos: ['ELIBBAD'],
    cure: 'give a PE file (a kernel with CONFIG_EFI, a UKI); if this was one, it is cut short or damaged: fetch it again',
  },
  'pe-section': {
    rule: "a section's bytes lie within the file, behind the headers, and overlap no other's",
    source: PESPEC,
    errnos: ['ELIBBAD'],
    cure: FETCH_PE,
  },
  'pe-directory': {
    rule: 'data directories lie within the optional header',
    source: PESPEC,
    errnos: ['ELIBBAD'],
    cure: FETCH_PE,
  },
  'pe-certificates': {
    rule: 'the certificate table lies within the file, behind headers and apart from sections, as do its entries',
    source: PESPEC,
    errnos: ['ELIBBAD'],
    cure: 'fetch the file again, or sign it again (kexec-file sign): its signature is cut short or damaged',
  },
  'command-line': {
    rule: 'the command line is known, is at most 2047 bytes, and has no NUL',
    source: 'COMMAND_LINE_SIZE, kexec_file_load(2)',
    errnos: ['EINVAL', 'ENODATA'],
    cure: 'shorten it to 2047 bytes; for --reuse-cmdline, record the machine again',
  },
} as const satisfies CheckTable;
