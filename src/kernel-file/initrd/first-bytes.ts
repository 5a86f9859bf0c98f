import { INITRD_CHECKS } from '../../base/checks/initrd-checks.js';
import { findUnreadableSetting } from '../../formats/compression/kernel-settings.js';
import { type CpioCompression, detectCpioCompression } from '../../formats/cpio.js';
import { nameFile } from '../../formats/foreign/name-file.js';
import { hasMagic } from '../../formats/magics.js';
import { isUimage } from '../../formats/uimage.js';
import { detectKernelFileKind, type KernelFileKind } from '../kernel-file-kinds.js';
import type { InitrdProblem } from './initrd-report.js';

/** Kernels and device trees that are given as an initrd by mistake. */
const MISTAKES: Readonly<Partial<Record<KernelFileKind, string>>> = {
  image: 'an arm64 Image',
  bzimage: 'a kernel for x86 (bzImage)',
  zboot: 'a compressed EFI kernel (zboot)',
  pe: 'a PE file',
  vmlinux: 'an ELF kernel (vmlinux)',
  android: 'an Android boot image',
  fdt: 'a device tree or a FIT',
};

const UIMAGE_TYPES: Readonly<Record<number, string>> = { 2: 'kernel', 3: 'ramdisk', 4: 'multi' };
const UIMAGE_TYPE_OFFSET = 30;

/**
 * Finds what begins where the kernel expects an archive: a compression that it knows, or a problem.
 *
 * @param bytes - from the first byte that is not 0 on
 * @param offset - of these bytes in the initrd
 */
export function classifyStart(bytes: Uint8Array, offset: number): CpioCompression | InitrdProblem {
  const setting = findUnreadableSetting(bytes);
  if (setting !== undefined) {
    const { seen, cure } = setting;
    const kind = detectCpioCompression(bytes) ?? (hasMagic(bytes, 'lz4Frame') ? 'lz4' : 'zstd');
    return { check: 'initrd-settings', seen: `compressed with ${kind}: ${seen}`, offset, cure };
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x9e)
    return problem('initrd-kind', 'compressed with pack or compress', offset, 'compress it with gzip');
  return detectCpioCompression(bytes) ?? nameMistake(bytes, offset);
}

/** Names what is no archive: at the start, another file; later, something that was appended. */
export function nameMistake(bytes: Uint8Array, offset: number): InitrdProblem {
  const named = nameContents(bytes);
  if (offset > 0 && named === undefined)
    return problem('initrd-members', 'what follows an archive is no archive, and not zeros', offset);
  const { name, cure } = named ?? { name: 'neither a cpio archive nor compressed', cure: undefined };
  return problem(offset > 0 ? 'initrd-members' : 'initrd-kind', `it is ${name}`, offset, cure);
}

function nameContents(bytes: Uint8Array): { readonly name: string; readonly cure?: string } | undefined {
  if (isUimage(bytes)) {
    const type = UIMAGE_TYPES[bytes[UIMAGE_TYPE_OFFSET] ?? 0] ?? 'of another type';
    const cure =
      type === 'kernel'
        ? 'give an initrd'
        : 'take the initrd out of it: dumpimage -p 0 -o INITRD, or tail -c +65';
    return { name: `a uImage (${type}): U-Boot removes its header, kexec does not`, cure };
  }
  const kind = detectKernelFileKind(bytes);
  const mistake = kind && MISTAKES[kind];
  if (mistake !== undefined)
    return { name: mistake, cure: 'give the initrd with --initrd, and this as the kernel' };
  // Its cure is for a file in a kernel's place: here the check's own fits.
  const named = nameFile(bytes.subarray(0, 36 << 10));
  return named && { name: named.name };
}

/** A problem with its own cure, or with that of its check. */
export function problem(
  check: InitrdProblem['check'],
  seen: string,
  offset: number,
  cure: string = INITRD_CHECKS[check].cure,
): InitrdProblem {
  return { check, seen, offset, cure };
}

/** Finds a problem in the first bytes of an initrd alone: of no noticeable cost, whatever the size. */
export function checkInitrdStart(initrd: Uint8Array): InitrdProblem | undefined {
  // An Image begins with zeros, which an archive may do as well.
  const isMistake = MISTAKES[detectKernelFileKind(initrd) ?? 'gzip'] !== undefined;
  let start = 0;
  while (!isMistake && initrd[start] === 0) start += 1;
  if (start >= initrd.length) return undefined;
  if (initrd[start] === 0x30 && start % 4 === 0) return undefined;
  const found = classifyStart(initrd.subarray(start), start);
  return typeof found === 'string' ? undefined : found;
}
