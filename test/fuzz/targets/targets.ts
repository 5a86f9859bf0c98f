import type { FuzzTargets } from '../fuzz-target.js';
import { COMPRESSION_TARGETS } from './compression-targets.js';
import { DECISION_TARGETS } from './decision-targets.js';
import { DUMP_TARGETS } from './dump-targets.js';
import { KERNEL_TARGETS } from './kernel-targets.js';
import { MACHINE_TARGETS } from './machine-targets.js';
import { SIGNATURE_TARGETS } from './signature-targets.js';
import { TEXT_TARGETS } from './text-targets.js';
import { TREE_TARGETS } from './tree-targets.js';

/** The targets of each file here, by the first word of its name: the fuzzer loads one file alone. */
export const GROUPS: Readonly<Record<string, FuzzTargets>> = {
  kernel: KERNEL_TARGETS,
  tree: TREE_TARGETS,
  compression: COMPRESSION_TARGETS,
  signature: SIGNATURE_TARGETS,
  machine: MACHINE_TARGETS,
  text: TEXT_TARGETS,
  dump: DUMP_TARGETS,
  decision: DECISION_TARGETS,
};

/** Every fuzz target, by name. */
export const TARGETS: FuzzTargets = Object.assign({}, ...Object.values(GROUPS));
