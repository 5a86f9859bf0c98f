/** Flattened device trees, and what is read out of one. */
import { deepStrictEqual } from 'node:assert/strict';
import { formatValue } from '../../../src/formats/fdt/format-value.js';
import { parseFdt } from '../../../src/formats/fdt/parse.js';
import { readRootCompatible } from '../../../src/formats/fdt/root-compatible.js';
import { walkNodes } from '../../../src/formats/fdt/tree.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { readCpuNodes, readCpusOfDeviceTree } from '../../../src/machine/arm64/cpus.js';
import { findConsole } from '../../../src/machine/console.js';
import { findReservations } from '../../../src/machine/device-tree.js';
import { findHotpluggable, findMemory } from '../../../src/machine/device-tree-memory.js';
import { HOSTILE_FILES } from '../../support/hostile-files.js';
import { buildSmallDeviceTree } from '../../support/machine.js';
import { type FuzzTargets, readersTarget } from '../fuzz-target.js';

const seeds = (): Uint8Array[] => [buildSmallDeviceTree(), HOSTILE_FILES['a FIT']?.('x') as Uint8Array];

/** By name. */
export const TREE_TARGETS: FuzzTargets = {
  'device-tree': readersTarget(seeds, readRootCompatible, (file) => {
    for (const { properties } of walkNodes(parseFdt(file).root))
      for (const { value } of properties) formatValue(value);
  }),
  /** A tree that was read is written so that it reads the same, if it can be written at all. */
  'device-tree-rewritten': {
    seeds,
    run(file) {
      const tree = parseFdt(file);
      deepStrictEqual(parseFdt(writeFdt(tree)), tree);
    },
  },
  'device-tree-facts': readersTarget(
    seeds,
    (file) => findMemory(parseFdt(file)),
    (file) => findHotpluggable(parseFdt(file)),
    (file) => findReservations(parseFdt(file)),
    (file) => findConsole(parseFdt(file)),
    (file) => readCpuNodes(parseFdt(file)),
    (file) => readCpusOfDeviceTree(parseFdt(file)),
  ),
};
