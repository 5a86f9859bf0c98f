import { encodeLatin1, findByFirstByte } from '../base/bytes.js';
import { attemptAsync, KexecError } from '../base/error.js';
import type { Decompress } from '../formats/compression/decompress.js';
import { type KernelOptions, parseKernelConfig } from '../machine/kernel-config.js';
import type { KernelBanner } from './kernel-banner.js';

/** Stands before the configuration that a kernel contains with CONFIG_IKCONFIG: gzip data (kernel/configs.c). */
const START = encodeLatin1('IKCFG_ST');
const GZIP_START = encodeLatin1('IKCFG_ST\x1f\x8b\x08');

/** A configuration of 12,000 lines has 300 KiB. */
const MAX_CONFIG_BYTES = 4 << 20;

/** More than the compressed configuration takes. */
const MAX_PACKED_BYTES = 1 << 20;

/**
 * How far around the banner it is searched, in bytes. Both are read-only data, in which the linker puts kernel/ behind
 * init/ and arch/: they lie 45 KiB apart in a kernel of 14 MB, and drivers, which make others larger, come later. All
 * of a kernel would take as long as the rest of a plan's checks.
 */
const SEARCHED_BEFORE = 1 << 20;
const SEARCHED_AFTER = 2 << 20;

/**
 * Reads the configuration that an Image contains, if it was built with CONFIG_IKCONFIG=y. Debian's are not.
 *
 * @param banner - of the Image
 * @returns undefined if there is none, or none that can be read
 */
export async function readEmbeddedConfig(
  image: Uint8Array,
  banner: KernelBanner,
  decompress: Decompress,
): Promise<KernelOptions | undefined> {
  const { offset } = banner;
  const from = Math.max(0, offset - SEARCHED_BEFORE);
  const at = findByFirstByte(image.subarray(0, offset + SEARCHED_AFTER), GZIP_START, from);
  const decompressor = at < 0 ? undefined : await decompress('gzip');
  if (decompressor === undefined) return undefined;
  const start = at + START.length;
  const packed = image.subarray(start, start + MAX_PACKED_BYTES);
  const config = await attemptAsync(async () =>
    decompressor(packed, { limit: MAX_CONFIG_BYTES, atLimit: 'refuse', members: 'first' }),
  );
  if (config instanceof KexecError) return undefined;
  return parseKernelConfig(new TextDecoder().decode(config), BUILT_IN_OPTIONS);
}

/** Options that decide how a kernel starts, beside those that a machine's record keeps. */
const BUILT_IN_OPTIONS: readonly string[] = [
  'CMDLINE',
  'CMDLINE_EXTEND',
  'CMDLINE_FORCE',
  'INITRAMFS_SOURCE',
];
