import { BoundedBytes } from '../../base/bytes.js';
import { containsAddress, rangeOf } from '../../base/range.js';
import { U64_LIMIT } from '../../base/u64.js';
import { EM_X86_64, ET_CORE, PT_LOAD } from '../../formats/elf/format.js';
import { checkElfHeader } from '../../formats/elf/header.js';
import { type ProgramHeader, readProgramHeaders } from '../../formats/elf/program-headers.js';
import type { KernelMap } from '../crash-facts.js';

/** Where the kernel maps itself: `__START_KERNEL_map`, and KERNEL_IMAGE_SIZE with KASLR. */
const KERNEL_WINDOW = rangeOf(0xffff_ffff_8000_0000n, 0x4000_0000n);

/** -1: memory without one physical address. */
const NONE = U64_LIMIT - 1n;

/**
 * Where the running kernel's text and its linear map lie, by the program headers of `/proc/kcore`: kernel function
 * `read_kcore_iter()`. It gives RAM (`KCORE_RAM`) and the kernel's text (`KCORE_TEXT`, from `_text` to `_end`) their
 * physical addresses, and anything else -1.
 *
 * @param headers - the file's ELF header and program headers
 * @throws KexecError `EINVAL`, check `machine-text`, if they are malformed.
 */
export function findKernelMap(headers: Uint8Array): KernelMap {
  const file = new BoundedBytes(headers, { what: 'kcore-headers', check: 'machine-text', errno: 'EINVAL' });
  checkElfHeader(file, ET_CORE, EM_X86_64);
  const mapped = readProgramHeaders(file).filter(
    ({ type, physicalAddress }) => type === PT_LOAD && physicalAddress !== NONE,
  );
  const isText = ({ virtualAddress }: ProgramHeader): boolean =>
    containsAddress(KERNEL_WINDOW, virtualAddress);
  const text = mapped.find(isText);
  const ram = mapped.find((header) => !isText(header));
  return {
    ...(text === undefined
      ? {}
      : {
          text: { ...rangeOf(text.physicalAddress, text.memorySize), virtual: text.virtualAddress },
        }),
    ...(ram === undefined ? {} : { linearMap: findLinearMap(ram) }),
  };
}

/** The linear map begins at physical address 0: `page_offset_base`, which KASLR chooses. */
function findLinearMap({
  physicalAddress,
  virtualAddress,
}: ProgramHeader): NonNullable<KernelMap['linearMap']> {
  return { physical: 0n, virtual: BigInt.asUintN(64, virtualAddress - physicalAddress) };
}
