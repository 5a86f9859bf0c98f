import { BoundedBytes, decodeLatin1 } from '../base/bytes.js';
import { refuse } from '../base/error.js';
import { formatSize } from '../base/sizes.js';
import { hasText } from './foreign/foreign-file.js';

const MAGIC = 'ANDROID!';

/** From this version on, pages have 4096 bytes, and vendor_boot has what belongs to the board. */
const VERSION_WITHOUT_PAGE_SIZE = 3;
const MAX_VERSION = 4;
/** The header of version 2, in bytes; older ones are shorter. */
const HEADER_SIZE_V2 = 1660;
const HEADER_SIZE_V3 = 1580;

/** Page sizes that mkbootimg takes. */
const PAGE_SIZES = [2048, 4096, 8192, 16384, 32768, 65536, 131072];

/** A boot image of Android: a kernel, a ramdisk, a command line. All bytes are shared with the file. */
export interface AndroidBoot {
  readonly version: number;
  readonly kernel: Uint8Array;
  readonly ramdisk: Uint8Array | undefined;
  readonly commandLine: string;
  /** Device trees for the boot loader to choose from: version 2. */
  readonly deviceTrees: Uint8Array | undefined;
  /** Whether ramdisk and command line of the board are in another image, vendor_boot. */
  readonly needsVendorBoot: boolean;
}

export function isAndroidBoot(bytes: Uint8Array): boolean {
  return hasText(bytes, 0, MAGIC);
}

/**
 * Parses a boot image of any version from 0 to 4: source.android.com, "Boot image header", and the comments of
 * mkbootimg's bootimg.h (Apache-2.0). Each part begins on a page.
 *
 * @throws KexecError `ENOEXEC`, check `android-boot`.
 */
export function parseAndroidBoot(file: Uint8Array): AndroidBoot {
  const bytes = new BoundedBytes(file, {
    what: 'Android boot image',
    check: 'android-boot',
    errno: 'ENOEXEC',
  });
  if (!isAndroidBoot(file)) bytes.fail(`no "${MAGIC}"`, 0);
  // Where it is now, boot images of version 0 by some vendors have the size of a table of device trees.
  const version = bytes.u32le(40);
  const parsed =
    version === VERSION_WITHOUT_PAGE_SIZE || version === MAX_VERSION
      ? parseWithoutPageSize(bytes, version)
      : parseWithPageSize(bytes, version > MAX_VERSION ? 0 : version);
  if (parsed.kernel.length === 0) {
    refuse('android-boot', 'ENOEXEC', `Android boot image: it has no kernel`, {
      cure: 'init_boot.img and recovery images have only a ramdisk: give boot.img of the same build',
    });
  }
  return parsed;
}

function parseWithPageSize(bytes: BoundedBytes, version: number): AndroidBoot {
  const pageSize = bytes.u32le(36);
  if (!PAGE_SIZES.includes(pageSize)) bytes.fail(`pages of ${pageSize} bytes`, 36);
  const pages = new PageReader(bytes, pageSize);
  const kernel = pages.take(bytes.u32le(8), 'the kernel');
  const ramdisk = pages.take(bytes.u32le(16), 'the ramdisk');
  pages.take(bytes.u32le(24), 'the second boot loader');
  if (version >= 1) pages.take(bytes.u32le(1632), 'the overlay for recovery');
  const trees = version < 2 ? undefined : pages.take(bytes.u32le(1648), 'the device trees');
  if (version >= 2) bytes.slice(0, HEADER_SIZE_V2, 'the header');
  return {
    version,
    kernel,
    ramdisk: ramdisk.length === 0 ? undefined : ramdisk,
    commandLine: readText(bytes, 64, 512) + readText(bytes, 608, 1024),
    deviceTrees: trees === undefined || trees.length === 0 ? undefined : trees,
    needsVendorBoot: false,
  };
}

function parseWithoutPageSize(bytes: BoundedBytes, version: number): AndroidBoot {
  bytes.slice(0, HEADER_SIZE_V3, 'the header');
  const pages = new PageReader(bytes, 4096);
  const kernel = pages.take(bytes.u32le(8), 'the kernel');
  const ramdisk = pages.take(bytes.u32le(12), 'the ramdisk');
  return {
    version,
    kernel,
    ramdisk: ramdisk.length === 0 ? undefined : ramdisk,
    commandLine: readText(bytes, 44, 1536),
    deviceTrees: undefined,
    needsVendorBoot: true,
  };
}

/** Takes the parts of an image in order. The header has the first page. */
class PageReader {
  readonly #bytes: BoundedBytes;
  readonly #pageSize: number;
  #at: number;

  constructor(bytes: BoundedBytes, pageSize: number) {
    this.#bytes = bytes;
    this.#pageSize = pageSize;
    this.#at = pageSize;
  }

  take(size: number, name: string): Uint8Array {
    const start = this.#at;
    this.#at += Math.ceil(size / this.#pageSize) * this.#pageSize;
    if (size === 0) return new Uint8Array(0);
    return this.#bytes.slice(start, size, `${name} (${formatSize(BigInt(size))})`);
  }
}

/** Reads a text of a fixed size, which ends at a NUL if it is shorter. */
function readText(bytes: BoundedBytes, at: number, size: number): string {
  const field = bytes.slice(at, size, 'the command line');
  const nul = field.indexOf(0);
  return decodeLatin1(nul < 0 ? field : field.subarray(0, nul));
}
