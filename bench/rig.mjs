import { loadBundled } from '../scripts/load-bundled.mjs';

/** Imports test/guest/guest.ts, with which the tests run guests. */
export function loadGuestRig() {
  return loadBundled('test/guest/guest.ts', 'build/bench/rig.mjs');
}
