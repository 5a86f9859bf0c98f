import type { CheckNotes } from './check-note.js';

/** Notes on kernel and initrd as files. */
export const FILE_NOTES = {
  'file-size': {
    why: 'the kernel reads both files into memory before it looks at them, and takes neither an empty one nor one over 4 GiB',
    how: 'a download or a build failed and left an empty file, or a disk image was given in place of a kernel',
    example: ': >empty; kexec-file plan empty --machine qemu-virt',
  },
  'kernel-file': {
    why: 'an arm64 kernel loads an Image and nothing else, one for x86_64 a bzImage, so kexec-file has to find one in the file',
    how: 'a file has more than 6 layers, or is compressed by a method that kexec-file does not know',
  },
  'compressed-data': {
    why: 'the decompressed bytes are loaded; damaged data would yield another kernel',
    how: 'the download or the file system was cut short, or a byte of the file changed',
    example: 'gzip <vmlinuz | head -c 60 >cut.gz; kexec-file plan cut.gz --machine qemu-virt',
  },
  'unwrapped-size': {
    why: 'a small file can decompress to any size; the bound keeps it from using up the memory',
    how: 'a vmlinux with debug information was compressed, or the file is made to do harm',
  },
  zboot: {
    why: 'the header of a zboot image says where its payload is and how it is compressed',
    how: 'a vmlinuz.efi was cut short, or its compression is one that kexec-file does not know',
  },
  uki: {
    why: 'systemd-stub finds each section of a UKI by its name, so each name must be unambiguous',
    how: 'the UKI was built without .linux, or built twice into one file',
  },
  vmlinux: {
    why: 'kexec-file lays out the PT_LOADs of a vmlinux as the kernel build does (objcopy), to get its Image',
    how: 'the ELF file is of another architecture, is no kernel, or was linked in another way',
  },
  uimage: {
    why: 'a uImage has checksums, which U-Boot and kexec-file verify before they use what is in it',
    how: 'the file is damaged, or was built for another architecture or operating system',
  },
  'android-boot': {
    why: 'a boot image is a header and parts, each on a page; the header alone says where the kernel is',
    how: 'the image is cut short, has no kernel (a vendor_boot or init_boot image), or is of a newer version',
  },
  fit: {
    why: 'a FIT has several kernels and device trees, and a configuration names those that belong together',
    how: 'the FIT has no configuration, or a hash does not match because the file changed',
  },
  'bzimage-header': {
    why: 'the setup header says how large the kernel is in memory and where it may lie',
    how: 'the file is no kernel, or one for another architecture, or is cut short',
  },
  'bzimage-protocol': {
    why: 'the running kernel enters the next one in 64-bit mode, wherever there is room',
    how: 'the kernel is a 32-bit one, or older than Linux 3.9',
  },
  'bzimage-setup': {
    why: 'what follows the setup code is the kernel that is loaded',
    how: 'the file is cut short, or its first sectors are damaged',
  },
  'bzimage-payload': {
    why: 'kexec-file decompresses the payload to look into it; to load the kernel, it is not needed',
    how: 'the kernel was built with a compression that kexec-file does not know, or the file is damaged',
  },
  'bzimage-command-line': {
    why: 'the running kernel may have to put elfcorehdr= in front of the command line, and reserves room for it in every load',
    how: 'a long command line was built by a script',
  },
  'image-header': {
    why: 'the header says how large the kernel is in memory and where it may lie',
    how: 'the file is cut short',
    example: 'head -c 60 vmlinuz >cut; kexec-file plan cut --machine qemu-virt',
  },
  'image-magic': {
    why: 'the kernel recognises an arm64 Image by these bytes, and loads nothing else',
    how: 'the file is no kernel or one for another architecture, or a compressed kernel was given to the system call itself',
    example: 'head -c 4096 /dev/zero >zeros; kexec-file plan zeros --machine qemu-virt',
  },
  'image-size': {
    why: 'without image_size, the kernel does not know how much memory an Image needs',
    how: 'the Image is of Linux 3.16 or older',
    example:
      'cp vmlinuz old; dd if=/dev/zero of=old bs=8 seek=2 count=1 conv=notrunc status=none; kexec-file plan old --machine qemu-virt',
  },
  'image-span': {
    why: 'a sum that overflows would place the kernel over something else',
    how: 'the header was damaged or made to do harm',
  },
  'pe-header': {
    why: 'a signature of a kernel is that of a PE file, which begins with these headers',
    how: 'the file has no signature because it is no PE file (a kernel without CONFIG_EFI, a uImage), or is cut short',
  },
  'pe-section': {
    why: 'the digest covers the sections; bytes that two of them share, or that none has, could be changed',
    how: 'the file is cut short, or a tool wrote wrong section headers',
  },
  'pe-directory': {
    why: 'one of the data directories says where the signatures are',
    how: 'the optional header is cut short, or a tool wrote a wrong number of directories',
  },
  'pe-certificates': {
    why: 'a table that overlaps a section would be part of what it signs',
    how: 'bytes were cut off or appended after the file was signed',
  },
  'command-line': {
    why: 'the kernel copies at most COMMAND_LINE_SIZE bytes, and would ignore the rest',
    how: 'a long command line was built by a script, or --reuse-cmdline was given for a machine whose command line is unknown',
    example: 'kexec-file plan vmlinuz --machine qemu-virt --command-line "$(printf %2048s x)"',
  },
} as const satisfies CheckNotes;
