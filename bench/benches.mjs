import { join } from 'node:path';
import { ROOT } from '../scripts/setup/files.mjs';

/** Results of the benches by name: what bench/run.mjs writes. */
export const RESULTS = join(ROOT, 'build/bench.json');

/** The benches by name, in the order of docs/performance.md: the file in this folder, and its arguments. */
export const BENCHES = {
  start: ['start.mjs'],
  commands: ['commands.mjs'],
  plan: ['plan.mjs'],
  verify: ['verify.mjs'],
  preflight: ['preflight.mjs'],
  inspector: ['inspector.mjs'],
  fleet: ['preflight-fleet.mjs'],
  load: ['load.mjs'],
  'load-x86': ['load.mjs', 'x86_64'],
  vmcore: ['vmcore.mjs'],
  capture: ['capture.mjs'],
  'vmcore-x86': ['vmcore-x86.mjs'],
  decompress: ['decompress.mjs'],
  purgatory: ['purgatory.mjs'],
};
