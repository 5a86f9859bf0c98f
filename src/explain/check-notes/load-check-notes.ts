import type { CheckNotes } from './check-note.js';

const DAMAGED_TREE = 'the file was cut short or damaged, or was written by a tool with a fault';

const OWN_OBJECT = 'kexec-file was installed incompletely, or its purgatory was changed';

/** Notes on machine, placement, device tree, crash kernel and purgatory. */
export const LOAD_NOTES = {
  'image-endianness': {
    why: 'a kernel of the other byte order cannot run on CPUs that support only one',
    how: 'a big-endian kernel (aarch64_be) was given',
  },
  'image-granule': {
    why: 'a kernel that is built for a page size that the CPU lacks stops before it can print anything',
    how: 'a kernel with 64K or 16K pages is loaded on a CPU without that granule, or a recorded machine has other CPUs',
  },
  'bzimage-firmware': {
    why: 'a 64-bit kernel cannot hand runtime services of a 32-bit firmware on',
    how: 'a tablet or an early Mac has 32-bit UEFI (mixed mode)',
  },
  'bzimage-levels': {
    why: 'the next kernel is entered with the page tables of the running one',
    how: 'an old kernel is loaded on a machine with more than 64 TiB of address space (la57)',
  },
  'running-purgatory': {
    why: 'every segment lies below purgatory, so its size decides all places',
    how: 'the machine was recorded without the file of its running kernel',
  },
  'boot-params': {
    why: 'a kernel for x86_64 finds its memory, its screen and its firmware by them',
    how: 'the machine was recorded without root, or has more ranges of memory than the boot parameters have room for',
  },
  'machine-architecture': {
    why: 'placement, device tree and purgatory differ between architectures',
    how: 'the machine file was recorded on another architecture, or the kernel is for one',
  },
  'machine-facts': {
    why: 'without RAM and a device tree, no place can be found and no kernel started',
    how: 'the machine was recorded without root, or has only ACPI',
  },
  entry: {
    why: 'the CPU jumps to this address with the MMU off; what is there runs',
    how: 'every load passes this step; --entry changes the address',
  },
  'placement-rules': {
    why: 'rules of placement belong to an architecture',
    how: '--rules names those of another architecture; as a note: the kernel is of another release than Linux 6.12',
  },
  'segment-count': {
    why: 'KEXEC_SEGMENT_MAX is 16 in the kernel',
    how: 'a program that builds segments itself made too many; a load of kexec-file has at most six',
  },
  'segment-hole': {
    why: 'the kernel places each segment in a free range of RAM, within the limits of its kind, and gives up if none is large enough',
    how: 'the initrd is larger than any free range, reserved memory cuts RAM into pieces, or --mem-min and --mem-max are too narrow',
    example: 'kexec-file plan vmlinuz --machine qemu-virt --mem-max 0x40100000',
  },
  handover: {
    why: 'memory outside of the scratch areas may be handed over to the next kernel, so no segment may overwrite it',
    how: 'the kernel was booted with kho=on, or is configured so (CONFIG_KEXEC_HANDOVER_ENABLE_DEFAULT)',
  },
  'kho-hole': {
    why: 'memory outside of the scratch areas may be handed over to the next kernel, so no segment may overwrite it',
    how: 'the machine has little RAM: by default, the areas are sized by what the kernel itself reserved while it booted',
  },
  'segment-cma': {
    why: 'pages of CMA are aligned to 1 MiB at most (with pages of 4 KiB), but booting.rst demands 2 MiB of the kernel',
    how: 'the machine has Linux 6.17 or later and a CMA area (cma=, CONFIG_CMA_SIZE_MBYTES), and --cma was given',
  },
  'dm-crypt-keys': {
    why: 'a crash kernel that cannot open the encrypted volume saves no dump there, and its little memory is not enough to derive the key again',
    how: 'a folder in /sys/kernel/config/crash_dm_crypt_keys has no description, or the load is by kexec_load; as a note: the place of the keys is random',
  },
  'random-place': {
    why: 'an attacker who knows where the next kernel lies can aim at it',
    how: 'every load with --randomize passes this step',
  },
  'segment-page': {
    why: 'the kernel copies whole pages',
    how: 'the Image has a text_offset that is no multiple of the page size (Linux before 5.8)',
  },
  'segment-bytes': {
    why: 'bytes beyond the memory of a segment would overwrite what follows it',
    how: 'the file is larger than image_size says, because something was appended',
  },
  'segment-overlap': {
    why: 'of two segments in one place, the later would overwrite the earlier',
    how: 'the addresses were chosen by hand or by older rules (--rules v3)',
  },
  'segment-total': {
    why: 'until the jump, every segment exists twice: as pages that the kernel allocated, and in its destination',
    how: 'the initrd is very large, or the machine has little RAM; each segment alone must stay below half of the RAM, too',
    example: 'truncate -s 1100M large.img; kexec-file plan vmlinuz --machine qemu-virt --initrd large.img',
  },
  'dtb-header': {
    why: 'the header says where the blocks of the device tree are',
    how: DAMAGED_TREE,
    example: "printf '\\320\\r\\376\\355' >board.dtb; kexec-file inspect board.dtb",
  },
  'dtb-structure': {
    why: 'the next kernel reads the same tree, and stops at one that it cannot read',
    how: DAMAGED_TREE,
  },
  'dtb-strings': { why: 'the names of all properties are in this block', how: DAMAGED_TREE },
  'dtb-reservations': {
    why: 'memory in this block must not be used; without an end it cannot be read',
    how: DAMAGED_TREE,
  },
  'dtb-value': {
    why: 'an address or a size of another length would be read as another address',
    how: 'an overlay or a boot loader wrote a property of the wrong size',
  },
  'dtb-size': {
    why: 'the kernel maps 2 MiB for the device tree, before it can map anything else',
    how: 'the tree was compiled with symbols, or has many overlays',
  },
  'dtb-chosen': {
    why: 'the loader replaces command line, initrd and seeds in /chosen',
    how: 'a boot loader left half of a pair of properties there',
  },
  'board-compatible': {
    why: 'a device tree of another board describes devices that are not there',
    how: '--dtb names the file of another board',
  },
  'board-memory': {
    why: 'the next kernel would use memory that the machine does not have',
    how: 'the board file describes a variant with more RAM',
  },
  'board-merge': {
    why: 'firmware knows the RAM and the CPUs of this very machine, a board file only those of its kind',
    how: 'every load with --dtb passes this step',
  },
  'crash-region': {
    why: 'a crash kernel runs in memory that was reserved before, because all other memory is the evidence',
    how: '--panic was given on a machine whose command line has no crashkernel=, or one that reserved nothing',
    example: 'kexec-file plan vmlinuz --machine qemu-virt --panic',
  },
  elfcorehdr: {
    why: 'the crash kernel finds the memory of the crashed one by this header alone',
    how: 'the machine was recorded without root, so that addresses of notes or of the kernel are missing',
  },
  'segment-crash': {
    why: 'a crash kernel outside of its region would overwrite the memory that it should save',
    how: '--entry, --mem-min or --mem-max name addresses elsewhere',
  },
  'crash-estimate': {
    why: 'memory of the region is lost to the running system',
    how: 'the initrd of the crash kernel is large, or the machine has little RAM',
  },
  'purgatory-regions': {
    why: 'purgatory has a table of that size for the digests',
    how: 'a program that builds segments itself made too many',
  },
  'purgatory-map': {
    why: 'purgatory turns the MMU on for its caches, with a small page table of its own',
    how: 'the serial port or a segment lies above 48 bits, or on one page with other data',
  },
  'purgatory-serial': {
    why: 'writing to a device that is not there can stop the machine',
    how: '--serial names RAM, or a UART of another kind',
  },
  'purgatory-mismatch': {
    why: 'without PSCI, purgatory has no way to reset the machine',
    how: '--on-mismatch reset was given on a machine whose device tree and ACPI tables have no PSCI',
  },
  'elf-header': { why: 'purgatory is linked at every load, from an object file', how: OWN_OBJECT },
  'elf-section': { why: 'the sections of purgatory are laid out in one segment', how: OWN_OBJECT },
  'elf-symbol': {
    why: 'kexec-file writes addresses and digests into variables of purgatory',
    how: OWN_OBJECT,
  },
  'elf-relocation': {
    why: 'purgatory runs wherever there is room, so its addresses are adjusted',
    how: OWN_OBJECT,
  },
} as const satisfies CheckNotes;
