import { hex } from '../base/u64.js';
import { isUimage, parseAnyUimage } from '../formats/uimage.js';
import type { Facts, Inspected } from './facts.js';

/** `ih_type` of a uImage: include/image.h of U-Boot. */
const TYPE_OFFSET = 30;
const KERNEL_TYPES = [2, 14];

/** Whether a file is a uImage of something else than a kernel. */
export function isOtherUimage(bytes: Uint8Array): boolean {
  return isUimage(bytes) && !KERNEL_TYPES.includes(bytes[TYPE_OFFSET] ?? 0);
}

/**
 * Inspects a uImage that has no kernel, such as a ramdisk, and its contents. Its CRCs are verified.
 *
 * @param inspectContents - returns undefined for contents of an unknown kind
 * @throws KexecError `ENOEXEC`, check `uimage`.
 */
export async function inspectOtherUimage(
  bytes: Uint8Array,
  inspectContents: (data: Uint8Array) => Promise<Inspected | undefined>,
): Promise<Facts> {
  const { name, type, architecture, compression, load, entry, data } = parseAnyUimage(bytes);
  const contents = await inspectContents(data);
  return {
    type: type ?? `number ${bytes[TYPE_OFFSET]}`,
    architecture: architecture ?? 'unknown',
    name,
    compression,
    load: hex(load),
    entry: hex(entry),
    size: hex(data.length),
    crcs: 'hold',
    ...(contents === undefined ? {} : { contents: { kind: contents.kind, ...contents.facts } }),
  };
}
