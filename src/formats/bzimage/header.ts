import { BoundedBytes, decodeLatin1 } from '../../base/bytes.js';
import { hasMagic } from '../magics.js';

/** The offset of the setup header in a bzImage, and of its copy in `struct boot_params`. */
export const SETUP_HEADER_OFFSET = 0x1f1;

/** The header begins here in the older sense: with the jump over it, whose distance is its length. */
const JUMP_OFFSET = 0x200;
const HEADER_BASE = 0x202;
const KERNEL_VERSION_OFFSET = 0x20e;
const SECTOR_SIZE = 512;
const MAX_BUILD_BYTES = 256;

/** `boot_flag` of every kernel, as of every boot sector. */
export const BOOT_FLAG = 0xaa55;

/** Bits of `loadflags`. */
export const LOADED_HIGH = 1;

/** Bits of `xloadflags`. */
export const XLF_KERNEL_64 = 1 << 0;
export const XLF_CAN_BE_LOADED_ABOVE_4G = 1 << 1;
/** The kernel can be entered with page tables of five levels. */
export const XLF_5LEVEL = 1 << 5;
/** The kernel can use them. */
export const XLF_5LEVEL_ENABLED = 1 << 6;

/**
 * The setup header of a bzImage: Documentation/arch/x86/boot.rst, "Details of Header Fields", whose names these are. A field
 * that the header's protocol version does not have is undefined.
 */
export interface BzimageHeader {
  /** The protocol's version: `0x020f` is 2.15. */
  readonly version: number;
  /** Sectors of setup code behind the boot sector; 0 stands for 4. */
  readonly setupSects: number;
  readonly bootFlag: number;
  /** The distance of the jump over the header: the header ends at 0x202 + this. */
  readonly jump: number;
  readonly loadflags: number;
  /** What `kernel_version` points at: release, builder and number of the build. Undefined if there is none. */
  readonly build: string | undefined;
  readonly initrdAddrMax: number | undefined;
  readonly kernelAlignment: number | undefined;
  readonly relocatableKernel: number | undefined;
  /** As a power of two. */
  readonly minAlignment: number | undefined;
  readonly xloadflags: number | undefined;
  /** The longest command line in bytes, without its NUL. */
  readonly cmdlineSize: number | undefined;
  readonly hardwareSubarch: number | undefined;
  /** In bytes from the end of the setup code. */
  readonly payloadOffset: number | undefined;
  readonly payloadLength: number | undefined;
  readonly setupData: bigint | undefined;
  /** The physical address that the kernel prefers. */
  readonly prefAddress: bigint | undefined;
  /** The memory that the kernel needs from its address on, in bytes. */
  readonly initSize: number | undefined;
  readonly handoverOffset: number | undefined;
  readonly kernelInfoOffset: number | undefined;
}

/** Whether a file is a kernel for x86, by its magic number alone. */
export function isBzimage(bytes: Uint8Array): boolean {
  return hasMagic(bytes, 'bzimage');
}

/**
 * Parses the setup header of a bzImage, of any protocol version from 2.00 on. Values that no loader accepts are returned, too.
 *
 * @param bytes - the bzImage, or at least its setup code
 * @throws KexecError `ENOEXEC`, check `bzimage-header`: no "HdrS" at 0x202, or the header leaves the file.
 */
export function parseBzimageHeader(bytes: Uint8Array): BzimageHeader {
  const file = new BoundedBytes(bytes, { what: 'bzImage', check: 'bzimage-header', errno: 'ENOEXEC' });
  if (!isBzimage(bytes)) file.fail('no "HdrS" at 0x202', HEADER_BASE);
  const version = file.u16le(0x206);
  const since = <T>(first: number, read: (offset: number) => T, offset: number): T | undefined =>
    version >= first ? read(offset) : undefined;
  const [u8, u16, u32, u64] = [
    (at: number) => file.u8(at),
    (at: number) => file.u16le(at),
    (at: number) => file.u32le(at),
    (at: number) => file.u64le(at),
  ];
  return {
    version,
    setupSects: file.u8(SETUP_HEADER_OFFSET),
    bootFlag: file.u16le(0x1fe),
    jump: file.u8(JUMP_OFFSET + 1),
    loadflags: file.u8(0x211),
    build: findBuild(bytes)?.text,
    initrdAddrMax: since(0x0203, u32, 0x22c),
    kernelAlignment: since(0x0205, u32, 0x230),
    relocatableKernel: since(0x0205, u8, 0x234),
    minAlignment: since(0x020a, u8, 0x235),
    xloadflags: since(0x020c, u16, 0x236),
    cmdlineSize: since(0x0206, u32, 0x238),
    hardwareSubarch: since(0x0207, u32, 0x23c),
    payloadOffset: since(0x0208, u32, 0x248),
    payloadLength: since(0x0208, u32, 0x24c),
    setupData: since(0x0209, u64, 0x250),
    prefAddress: since(0x020a, u64, 0x258),
    initSize: since(0x020a, u32, 0x260),
    handoverOffset: since(0x020b, u32, 0x264),
    kernelInfoOffset: since(0x020f, u32, 0x268),
  };
}

/** The bytes of boot sector and setup code: the kernel that runs in protected mode follows. */
export function measureSetup({ setupSects }: Pick<BzimageHeader, 'setupSects'>): number {
  return ((setupSects || 4) + 1) * SECTOR_SIZE;
}

/** Copies the setup header out of a bzImage: all bytes from 0x1f1 to the end that its jump names. */
export function copySetupHeader(bytes: Uint8Array): Uint8Array {
  return bytes.slice(SETUP_HEADER_OFFSET, HEADER_BASE + (bytes[JUMP_OFFSET + 1] ?? 0));
}

/** Formats a protocol version: `2.15`. */
export function formatProtocol(version: number): string {
  return `${version >> 8}.${String(version & 0xff).padStart(2, '0')}`;
}

/**
 * The text that `kernel_version` points at: `6.12.117 (user@host) #1 SMP …`. The pointer counts from the end of the boot
 * sector; 0 stands for no text.
 *
 * @returns undefined if there is none that begins with a release
 */
export function findBuild(bytes: Uint8Array): { readonly text: string; readonly offset: number } | undefined {
  const [low = 0, high = 0] = bytes.subarray(KERNEL_VERSION_OFFSET, KERNEL_VERSION_OFFSET + 2);
  if (low + high === 0) return undefined;
  const offset = SECTOR_SIZE + low + high * 256;
  const start = decodeLatin1(bytes, offset, Math.min(offset + MAX_BUILD_BYTES, bytes.length));
  const text = /^\d[^\0]*/.exec(start)?.[0].trim();
  return text === undefined ? undefined : { text, offset };
}
