import { hex } from '../base/u64.js';
import { hasKernelType, isUimage, parseAnyUimage } from '../formats/uimage.js';
import type { Facts, Inspected } from './facts.js';

/** Whether a file is a uImage of something else than a kernel. */
export function isOtherUimage(bytes: Uint8Array): boolean {
  return isUimage(bytes) && !hasKernelType(bytes);
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
    type,
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
