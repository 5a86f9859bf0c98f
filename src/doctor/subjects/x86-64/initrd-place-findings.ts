import { attempt, KexecError } from '../../../base/error.js';
import { formatRange } from '../../../base/range.js';
import { hex } from '../../../base/u64.js';
import { parseBzimageHeader } from '../../../formats/bzimage/header.js';
import { getSegmentRange } from '../../../kexec/kimage.js';
import type { X86Machine } from '../../../machine/x86-64/x86-machine.js';
import type { Finding } from '../../finding.js';
import type { IntendedLoad } from '../../intended-load.js';
import type { NextKernel } from '../../next-kernel.js';

/** Finds where the initrd lies, if boot loaders would place it lower. */
export function diagnoseInitrdPlace(
  _: X86Machine,
  { kernel }: IntendedLoad,
  { load, about }: NextKernel,
): Finding[] {
  if (kernel === undefined || load === undefined || 'refusal' in load) return [];
  const initrd = load.kimage.segments.find(({ name }) => name === 'initrd');
  const header = attempt(() => parseBzimageHeader(kernel));
  if (initrd === undefined || header instanceof KexecError || header.initrdAddrMax === undefined) return [];
  const range = getSegmentRange(initrd);
  if (range.end - 1n <= BigInt(header.initrdAddrMax)) return [];
  return [
    {
      topic: 'initrd',
      severity: 'fine',
      about,
      fact: `the initrd would lie at ${formatRange(range)}, above initrd_addr_max of the kernel (${hex(header.initrdAddrMax)})`,
      why: 'kexec_file_load ignores that bound of boot loaders; it only takes kernels that can be loaded above 4G, and these take an initrd there, too',
      source: 'the setup header: initrd_addr_max, xloadflags; bzImage64_load()',
    },
  ];
}
