import type { CheckTable } from './rule.js';

const BOOTING = 'Documentation/arch/arm64/booting.rst';
const DTSPEC = 'Devicetree Specification v0.4, chapter 5';

/** In a load, the kernel gives what fails with a device tree as it gives a segment without a place. */
const IN_A_LOAD = ['EINVAL', 'EADDRNOTAVAIL'] as const;

const FETCH =
  'take the device tree again: /sys/firmware/fdt of the running machine, or compile it again (dtc)';

/** Device trees: the machine's, and the one that the next kernel gets. */
export const DEVICE_TREE_CHECKS = {
  'dtb-header': {
    rule: 'the header has the magic d00dfeed, a version from 16 that can be read as 17, and aligned blocks in the file',
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
    rule: "a property's value has the length and form its name calls for",
    source: DTSPEC,
    errnos: IN_A_LOAD,
    cure: 'mend the property in the source of the device tree; kexec-file inspect shows the tree',
  },
  'dtb-size': {
    rule: 'a device tree for an arm64 kernel is at most 2 MiB',
    source: BOOTING,
    errnos: IN_A_LOAD,
    cure: 'take overlays and symbols (dtc -@) out of the device tree',
  },
  'dtb-chosen': {
    rule: "the next kernel's /chosen can be written",
    source: 'of_kexec_alloc_and_setup_fdt()',
    errnos: IN_A_LOAD,
    cure: 'boot with a device tree whose root has #address-cells and #size-cells of 1 or 2, large enough for its RAM',
  },
  'board-compatible': {
    rule: "a board file's compatible has a name in common with that of the running device tree",
    source: 'Devicetree Specification v0.4, section 2.3.1',
    errnos: ['EINVAL'],
    cure: 'take the device tree of this very board (/sys/firmware/devicetree/base/compatible names it)',
  },
  'board-memory': {
    rule: 'a board file has no memory where the machine has none',
    source: 'Devicetree Specification v0.4, section 3.4',
    errnos: ['EINVAL'],
    cure: 'take /memory nodes out of the board file: those of the running machine are put in',
  },
  'board-merge': {
    rule: 'what firmware told the running kernel of memory, CPUs and UEFI stays in a board file',
    source: BOOTING,
    errnos: [],
    cure: 'nothing is to be done: it is told so that it is known',
  },
} as const satisfies CheckTable;
