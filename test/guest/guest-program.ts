import { bundleForNode } from '../support/bundle.js';

/** The path of a test program in a guest: the folder of our package, so that it finds koffi. */
export const GUEST_PROGRAM = '/usr/lib/node_modules/kexec-file/test-program.mjs';

/** Bundles a test program for Node in a guest. @param source - in this folder */
export async function programForGuest(source: string): Promise<Uint8Array> {
  return new TextEncoder().encode(await bundleForNode(new URL(source, import.meta.url), ['koffi']));
}
