import { buildElfVmcore, buildNote } from './crashed-kernel.js';

/** A kernel, described by its sizes alone. */
export interface BareKernel {
  readonly pageSize: number;
  /** CONFIG_ARM64_VA_BITS. */
  readonly bits: number;
}

/** The dump of a kernel without page tables, log and `struct page`: enough for makedumpfile to refuse it. */
export function buildBareDump({ pageSize, bits }: BareKernel): Uint8Array {
  const vmcoreinfo = [
    'OSRELEASE=6.0.0',
    `PAGESIZE=${pageSize}`,
    'SYMBOL(_stext)=ffff800080010000',
    `NUMBER(VA_BITS)=${bits}`,
    `NUMBER(MAX_PHYSMEM_BITS)=${bits === 52 ? 52 : 48}`,
    'NUMBER(PHYS_OFFSET)=0x40000000',
  ];
  return buildElfVmcore({
    notes: buildNote('VMCOREINFO', 0, new TextEncoder().encode(`${vmcoreinfo.join('\n')}\n`)),
    pieces: [
      {
        physical: 0x4000_0000n,
        virtual: (1n << 64n) - (1n << BigInt(bits)),
        bytes: new Uint8Array(65536),
      },
    ],
  });
}
