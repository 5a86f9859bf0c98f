import { encodeU64le } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import type { Segment, SegmentList } from '../../kimage/kimage.js';
import type { Trail } from '../../kimage/trail.js';
import { loadPurgatory } from './purgatory/load.js';
import { purgatoryObject } from './purgatory/object.js';

/**
 * Places purgatory, the code between two kernels: it is entered with nothing set, and enters the next kernel as
 * booting.rst demands, with the device tree's address in x0.
 *
 * It comes last and goes to the highest fit above the kernel, so that it moves no other segment.
 *
 * @returns the address where it is entered.
 * @throws KexecError as {@link SegmentList.add}.
 */
export function placePurgatory(kernel: Segment, dtb: Segment, list: SegmentList, trail: Trail): bigint {
  const purgatory = loadPurgatory(purgatoryObject());
  purgatory.setSymbol('kernel_entry', encodeU64le(kernel.mem));
  purgatory.setSymbol('dtb_addr', encodeU64le(dtb.mem));

  // Its bytes depend on its address: it takes its place with bytes of the right size, then is linked there.
  const placed = list.add(
    {
      name: 'purgatory',
      bytes: new Uint8Array(Number(purgatory.size)),
      memsz: purgatory.size,
      alignment: purgatory.alignment,
      direction: 'top-down',
      minimum: kernel.mem + kernel.memsz,
    },
    trail,
  );
  const { bytes, entry } = purgatory.link(placed.mem);
  list.replace(placed, { ...placed, bytes });
  trail.ok(
    'elf-relocation',
    `purgatory linked at ${hex(placed.mem)}: x0 = ${hex(dtb.mem)}, enters ${hex(kernel.mem)}`,
  );
  return entry;
}
