import { loadBundled } from '../scripts/load-bundled.mjs';

/** The tests' rig for running guests, which is TypeScript: what test/guest/guest.ts exports. */
export function loadRig() {
  return loadBundled('test/guest/guest.ts', 'build/bench/rig.mjs');
}
