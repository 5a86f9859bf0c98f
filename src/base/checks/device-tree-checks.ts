import type { CheckTable } from './rule.js';

const BOOTING = 'Documentation/arch/arm64/booting.rst';
const DTSPEC = 'Devicetree Specification v0.4, chapter 5';

/** In a load, the kernel answers either of these where a device tree is at fault. */
const IN_A_LOAD = ['EINVAL', 'EADDRNOTAVAIL'] as const;

const FETCH =
  'copy the device tree again (/sys/firmware/fdt of the running machine), or compile it again (dtc)';

/** Device trees: the machine's own, and the one for the next kernel. */
export const DEVICE_TREE_CHECKS = {
  'dtb-header': {
    rule: 'the header has the magic d00dfeed, a version from 16 on that is compatible with 17, and aligned blocks within the file',
    source: DTSPEC,
    errnos: IN_A_LOAD,
    cure: FETCH,
  },
  'dtb-structure': {
    rule: 'the structure block is a well-formed tree of nodes and properties',
    source: DTSPEC,
    errnos: IN_A_LOAD,
    cure: FETCH,
  },
  'dtb-strings': {
    rule: 'property names lie within the strings block, have 1 to 255 bytes and end in NUL',
    source: DTSPEC,
    errnos: IN_A_LOAD,
    cure: FETCH,
  },
  'dtb-reservations': {
    rule: 'the reservation block ends in an entry of size 0 within the file',
    source: DTSPEC,
    errnos: IN_A_LOAD,
    cure: FETCH,
  },
  'dtb-value': {
    rule: "a property's value has the length and the form that its name requires",
    source: DTSPEC,
    errnos: IN_A_LOAD,
    cure: 'correct the property in the source of the device tree; kexec-file inspect prints the tree',
  },
  'dtb-size': {
    rule: 'a device tree for an arm64 kernel is at most 2 MiB',
    source: BOOTING,
    errnos: IN_A_LOAD,
    cure: 'remove overlays and symbols (dtc -@) from the device tree',
  },
  'dtb-chosen': {
    rule: '/chosen can be rewritten for the next kernel; an old linux,initrd-start has a linux,initrd-end that is not below it',
    source: 'of_kexec_alloc_and_setup_fdt()',
    errnos: IN_A_LOAD,
    cure: 'give a device tree with both linux,initrd-start and linux,initrd-end or neither, and with #address-cells and #size-cells of 1 or 2',
  },
  'board-compatible': {
    rule: 'compatible of a board file and of the running device tree share a name',
    source: 'Devicetree Specification v0.4, section 2.3.1',
    errnos: ['EINVAL'],
    cure: 'give the device tree of this board; /sys/firmware/devicetree/base/compatible names it',
  },
  'board-memory': {
    rule: 'every memory bank of a board file overlaps memory of the machine',
    source: 'Devicetree Specification v0.4, section 3.4',
    errnos: ['EINVAL'],
    cure: 'remove the /memory nodes from the board file; kexec-file inserts those of the running machine',
  },
  'board-merge': {
    rule: 'facts of the firmware about memory, CPUs and UEFI replace those of a board file',
    source: BOOTING,
    errnos: [],
    cure: 'nothing to do; for information',
  },
} as const satisfies CheckTable;
