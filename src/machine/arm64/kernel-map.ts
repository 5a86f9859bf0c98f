import { isReleaseBefore } from '../../base/kernel-release.js';
import { U64_LIMIT } from '../../base/u64.js';
import { findResource, type Resource } from '../../formats/iomem.js';
import { type KernelMap, parseKallsyms } from '../crash-facts.js';
import { readVmcoreinfoAddress, readVmcoreinfoNumber, type Vmcoreinfo } from '../vmcoreinfo-lines.js';

/**
 * Where the running kernel's text and its linear map lie, as far as the sources have it.
 *
 * @param kallsyms - the text of `/proc/kallsyms`
 * @param resources - of `/proc/iomem`
 */
export function findKernelMap(
  vmcoreinfo: Vmcoreinfo,
  kallsyms: string | undefined,
  resources: readonly Resource[],
): KernelMap {
  const text = findText(vmcoreinfo, kallsyms, resources);
  const linearMap = findLinearMap(vmcoreinfo);
  return {
    ...(text === undefined ? {} : { text }),
    ...(linearMap === undefined ? {} : { linearMap }),
  };
}

/**
 * Finds `_text` to `_end`. Virtual addresses of the kernel's image lie `kimage_voffset` above physical ones.
 *
 * `_text` is KIMAGE_VADDR, which is MODULES_END, plus KERNELOFFSET (arch/arm64/include/asm/memory.h; VMCOREINFO has
 * MODULES_END from Linux 6.0 on). "Kernel code" of iomem begins at `_stext`, 64 KiB further on, in some releases, and
 * at `_text` in others; "Kernel data" ends at `_end` in all.
 */
function findText(
  vmcoreinfo: Vmcoreinfo,
  kallsyms: string | undefined,
  resources: readonly Resource[],
): KernelMap['text'] | undefined {
  const offset = readVmcoreinfoNumber(vmcoreinfo, 'kimage_voffset');
  if (offset === undefined) return undefined;
  const physical = (virtual: bigint): bigint => BigInt.asUintN(64, virtual - offset);

  const symbols = parseKallsyms(kallsyms ?? '');
  const first = symbols.get('_text') ?? findTextByVmcoreinfo(vmcoreinfo);
  const last = symbols.get('_end');
  const start = first === undefined ? findResource(resources, 'Kernel code')?.start : physical(first);
  const end = last === undefined ? findResource(resources, 'Kernel data')?.end : physical(last);
  if (start === undefined || end === undefined || start >= end) return undefined;
  return { start, end, virtual: BigInt.asUintN(64, start + offset) };
}

function findTextByVmcoreinfo(vmcoreinfo: Vmcoreinfo): bigint | undefined {
  const modulesEnd = readVmcoreinfoNumber(vmcoreinfo, 'MODULES_END');
  const kernelOffset = readVmcoreinfoAddress(vmcoreinfo, 'KERNELOFFSET');
  if (modulesEnd === undefined || kernelOffset === undefined) return undefined;
  return BigInt.asUintN(64, modulesEnd + kernelOffset);
}

/**
 * Finds the linear map: physical address PHYS_OFFSET is mapped at PAGE_OFFSET. The linear map is the lower half of the
 * kernel's addresses, from -(1 << VA_BITS), since Linux 5.4, and was the upper half before. PHYS_OFFSET is negative if
 * RAM begins further up in the map, as it does with KASLR; the map is then given from address 0 on.
 */
function findLinearMap(vmcoreinfo: Vmcoreinfo): KernelMap['linearMap'] | undefined {
  const bits = readVmcoreinfoNumber(vmcoreinfo, 'VA_BITS');
  const offset = readVmcoreinfoNumber(vmcoreinfo, 'PHYS_OFFSET');
  if (bits === undefined || bits < 36n || bits > 52n || offset === undefined) return undefined;
  const size = isReleaseBefore(vmcoreinfo.OSRELEASE, 5, 4) === true ? bits - 1n : bits;
  const virtual = U64_LIMIT - (1n << size);
  const physical = BigInt.asIntN(64, offset);
  if (physical >= 0n) return { physical, virtual };
  return virtual - physical < U64_LIMIT ? { physical: 0n, virtual: virtual - physical } : undefined;
}
