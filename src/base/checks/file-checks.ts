import type { CheckTable } from './rule.js';

const BOOTING = 'Documentation/arch/arm64/booting.rst';
const BOOT_RST = 'Documentation/arch/x86/boot.rst';
const PESPEC = 'PE/COFF specification';

const FETCH_PE = 'fetch the file again: it is cut short or damaged; kexec-file inspect prints its contents';

/** Kernel and initrd as files, and the formats that contain a kernel. */
export const FILE_CHECKS = {
  'file-size': {
    rule: 'a kernel or an initrd has 1 byte to 4 GiB',
    source: 'kernel_read_file()',
    errnos: ['EINVAL', 'EFBIG'],
    cure: 'give the whole file, of at most 4 GiB; an empty one is often a download or a build that failed',
  },
  'kernel-file': {
    rule: 'a kernel file contains an arm64 Image or a bzImage, inside at most 6 layers of formats that kexec-file knows',
    source: 'kexec-file',
    errnos: ['ENOEXEC'],
    cure: 'give a file that contains an arm64 Image or a bzImage; kexec-file inspect prints the contents of this one',
  },
  'compressed-data': {
    rule: 'compressed data is complete and well-formed, and its checksums match',
    source: 'the specification of its format',
    errnos: ['EBADMSG'],
    cure: 'fetch or build the file again: it is cut short or damaged',
  },
  'unwrapped-size': {
    rule: 'an Image has at most image_size bytes, and decompression yields at most 192 MiB in all',
    source: 'kexec-file',
    errnos: ['EFBIG'],
    cure: 'give the Image itself, or a vmlinux without debug information',
  },
  zboot: {
    rule: 'the payload lies within the file, and its compression is known',
    source: 'zboot-header.S',
    errnos: ['ENOEXEC'],
    cure: 'fetch the file again: it is cut short or damaged; otherwise build the kernel without CONFIG_EFI_ZBOOT',
  },
  uki: {
    rule: 'a UKI has exactly one section .linux, and at most one of every other name in use',
    source: 'UAPI Group Specifications, UKI; systemd-stub(7)',
    errnos: ['ENOEXEC'],
    cure: 'build the UKI again (ukify build); kexec-file inspect prints its sections',
  },
  vmlinux: {
    rule: 'the PT_LOADs of an AArch64 ELF-64 file lie within the file and do not overlap, and an Image header is at its entry',
    source: 'ELF-64 object file format; arch/arm64/kernel/vmlinux.lds.S',
    errnos: ['ENOEXEC'],
    cure: 'give arch/arm64/boot/Image of the same build',
  },
  uimage: {
    rule: 'a uImage is Linux for arm64, and the CRCs in its header match header and data',
    source: "U-Boot's image.h",
    errnos: ['ENOEXEC'],
    cure: 'build it again from the Image (mkimage -A arm64 -O linux -T kernel), or give the Image itself',
  },
  'android-boot': {
    rule: 'an Android boot image of version 0 to 4 has a kernel, and its parts lie within the file, each on a page',
    source: "Android's boot image header",
    errnos: ['ENOEXEC'],
    cure: 'fetch the image again; unpack_bootimg --boot_img FILE --out DIR takes kernel and ramdisk out of a good one',
  },
  fit: {
    rule: 'a FIT has a configuration whose images lie within the file and match their hashes',
    source: "U-Boot's Flat Image Tree specification",
    errnos: ['EBADMSG', 'ENOEXEC'],
    cure: 'build it again (mkimage -f), or give the Image itself; kexec-file inspect prints its configurations',
  },
  'bzimage-header': {
    rule: 'a bzImage has at least 1024 bytes, "HdrS" at 0x202 and 0xaa55 at 0x1fe',
    source: 'bzImage64_probe()',
    errnos: ['ENOEXEC'],
    cure:
      'take a bzImage (arch/x86/boot/bzImage, /boot/vmlinuz-* of a distribution), or a file that contains one; or name the ' +
      'machine that the kernel is for (--machine)',
  },
  'bzimage-protocol': {
    rule: 'a bzImage has boot protocol 2.12 or later, is loaded high, and its 64-bit entry runs above 4 GiB',
    source: 'bzImage64_probe()',
    errnos: ['ENOEXEC'],
    cure: 'take a 64-bit kernel of Linux 3.9 or later with CONFIG_RELOCATABLE=y',
  },
  'bzimage-setup': {
    rule: 'the setup code lies within the file: (setup_sects + 1) * 512 bytes',
    source: 'bzImage64_load()',
    errnos: ['ENOEXEC'],
    cure: 'fetch the file again: it is cut short or damaged',
  },
  'bzimage-payload': {
    rule: 'the payload of a bzImage lies within the file, and its compression is known',
    source: BOOT_RST,
    errnos: ['ENOEXEC'],
    cure: 'fetch the file again: it is cut short or damaged',
  },
  'bzimage-command-line': {
    rule: 'the command line, its NUL and 30 bytes for elfcorehdr= have at most cmdline_size bytes, also if no crash kernel is loaded; with dm-crypt keys, 31 more for dmcryptkeys=',
    source: 'bzImage64_load()',
    errnos: ['EINVAL'],
    cure: 'shorten the command line; a newer kernel may take a longer one: kexec-file inspect prints cmdlineSize',
  },
  'image-header': {
    rule: 'an arm64 Image begins with a 64-byte header',
    source: 'image_probe()',
    errnos: ['EINVAL'],
    cure: 'give the whole file: this one is cut short',
  },
  'image-magic': {
    rule: 'bytes 56 to 59 of an arm64 Image are "ARM\\x64"',
    source: 'image_probe()',
    errnos: ['EINVAL'],
    cure:
      'take an arm64 Image (arch/arm64/boot/Image, /boot/vmlinuz-* of a distribution), or a file that contains one; or name ' +
      'the machine that the kernel is for (--machine)',
  },
  'image-size': {
    rule: 'image_size is not 0',
    source: 'image_load()',
    errnos: ['EINVAL'],
    cure: 'use Linux 3.17 or later',
  },
  'image-span': {
    rule: 'text_offset + image_size fits in 64 bits',
    source: BOOTING,
    errnos: ['EINVAL', 'EADDRNOTAVAIL'],
    cure: 'fetch the file again: no build writes such a header',
  },
  'pe-header': {
    rule: 'the MZ, PE, COFF and optional headers lie within the file',
    source: PESPEC,
    errnos: ['ELIBBAD'],
    cure: 'give a PE file (a kernel with CONFIG_EFI, a UKI); if this is one, fetch it again: it is cut short or damaged',
  },
  'pe-section': {
    rule: 'the bytes of a section lie within the file, after the headers, and overlap no other section',
    source: PESPEC,
    errnos: ['ELIBBAD'],
    cure: FETCH_PE,
  },
  'pe-directory': {
    rule: 'the data directories lie within the optional header',
    source: PESPEC,
    errnos: ['ELIBBAD'],
    cure: FETCH_PE,
  },
  'pe-certificates': {
    rule: 'the certificate table and its entries lie within the file, after the headers, and overlap no section',
    source: PESPEC,
    errnos: ['ELIBBAD'],
    cure: 'fetch the file again or sign it again (kexec-file sign): its signature is cut short or damaged',
  },
  'command-line': {
    rule: 'the command line is known, has at most 2047 bytes, and contains no NUL',
    source: 'COMMAND_LINE_SIZE, kexec_file_load(2)',
    errnos: ['EINVAL', 'ENODATA'],
    cure: 'shorten it to at most 2047 bytes; for --reuse-cmdline, record the machine again',
  },
} as const satisfies CheckTable;
