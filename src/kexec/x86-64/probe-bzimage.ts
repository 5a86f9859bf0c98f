import { refuse } from '../../base/error.js';
import type { Trail } from '../../base/trail.js';
import { hex } from '../../base/u64.js';
import {
  BOOT_FLAG,
  formatProtocol,
  isBzimage,
  LOADED_HIGH,
  parseBzimageHeader,
  XLF_5LEVEL,
  XLF_CAN_BE_LOADED_ABOVE_4G,
  XLF_KERNEL_64,
} from '../../formats/bzimage/header.js';
import { describeFile, nameAnyFile } from '../../formats/foreign/name-file.js';
import { findRuntimeDisabling } from '../../machine/efi-runtime.js';
import type { X86Machine } from '../../machine/x86-64/x86-machine.js';

/** The least size of a bzImage, in bytes: its first two sectors. */
const MIN_SIZE = 1024;

/** The first protocol with xloadflags. */
const MIN_VERSION = 0x020c;

/**
 * Recognises a bzImage that can be entered in 64-bit mode: kernel function `bzImage64_probe()`, check by check.
 *
 * @param machine - undefined if only the file is asked about
 * @throws KexecError `ENOEXEC`, for each of them.
 */
export function probeBzimage(kernel: Uint8Array, trail: Trail, machine?: X86Machine): void {
  if (kernel.length < MIN_SIZE) refuseHeader(kernel, `it has ${kernel.length} bytes`, 0);
  if (!isBzimage(kernel)) refuseHeader(kernel, 'no "HdrS"', 0x202);
  const header = parseBzimageHeader(kernel);
  const { bootFlag, version, loadflags, xloadflags = 0 } = header;
  if (bootFlag !== BOOT_FLAG) refuseHeader(kernel, `boot_flag is ${hex(bootFlag)}`, 0x1fe);
  if (version < MIN_VERSION) refuseProtocol(`the protocol is ${formatProtocol(version)}`, 0x206);
  if ((loadflags & LOADED_HIGH) === 0) refuseProtocol('the kernel is not loaded high (a zImage)', 0x211);
  if ((xloadflags & XLF_KERNEL_64) === 0) refuseProtocol('the kernel has no 64-bit entry', 0x236);
  if ((xloadflags & XLF_CAN_BE_LOADED_ABOVE_4G) === 0)
    refuseProtocol('the kernel cannot be loaded above 4 GiB', 0x236);
  if (machine?.efi?.platformSize === 32 && findRuntimeDisabling(machine) === undefined)
    refuse('bzimage-firmware', 'ENOEXEC', 'the firmware is 32-bit, and its runtime services are in use');
  if (machine?.x86.fiveLevels === true && (xloadflags & XLF_5LEVEL) === 0)
    refuse(
      'bzimage-levels',
      'ENOEXEC',
      'the running kernel uses page tables of five levels; the kernel to load does not know them',
    );
  trail.ok('bzimage-protocol', `the kernel is a bzImage of boot protocol ${formatProtocol(version)}`, [
    'bzimage-header',
    'bzimage-firmware',
    'bzimage-levels',
  ]);
}

function refuseHeader(kernel: Uint8Array, seen: string, offset: number): never {
  const name = nameAnyFile(kernel);
  const file = `; the file ${name === undefined ? describeFile(kernel) : `is ${name}`}`;
  refuse('bzimage-header', 'ENOEXEC', `bzImage: ${seen}${isBzimage(kernel) ? '' : file}`, { offset });
}

function refuseProtocol(seen: string, offset: number): never {
  refuse('bzimage-protocol', 'ENOEXEC', `bzImage: ${seen}`, { offset });
}
