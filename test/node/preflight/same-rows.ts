/** Holds the rows of a fleet that is planned by shapes against those of its machines one by one. */
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { Machine } from '../../../src/machine/machine-value.js';
import { ShapePlanner } from '../../../src/node/preflight/shape-planner.js';
import { type PreflightRow, preflightMachine } from '../../../src/preflight/preflight-machine.js';
import { buildBzimage } from '../../support/bzimage.js';
import { buildImage } from '../../support/image.js';
import { buildVariedMachine, listRecordedMachines } from '../../support/varied-machines.js';

export const recorded = listRecordedMachines();

export const requests = [
  { kernel: buildImage(), initrd: new Uint8Array(100), options: { commandLine: 'quiet' } },
  { kernel: buildBzimage(), initrd: new Uint8Array(100) },
];

/** The rows of a machine for each request, planned for it alone. */
export function planAlone(file: string, machine: Machine): PreflightRow[] {
  return requests.map((request) => ({ file, ...preflightMachine(request, machine) }));
}

/** Plans on that many machines of few shapes both ways, and expects equal rows. */
export function expectSameRows(count: number): void {
  const planner = new ShapePlanner(requests);
  for (let index = 0; index < count; index += 1) {
    const machine = buildVariedMachine(recorded, index);
    const rows = planner.planMachine(`${index}.json`, machine);
    const alone = planAlone(`${index}.json`, machine);
    // expect() takes longer than planning.
    if (!isDeepStrictEqual(rows, alone)) expect(rows).toEqual(alone);
  }
  expect(planner.planned).toBeLessThan(recorded.length * 12);
}
