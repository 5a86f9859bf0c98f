import { describe, expect, it } from 'vitest';
import { attempt } from '../../../src/base/error.js';
import type { LoadRequest } from '../../../src/kexec/request.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { preflightMachine } from '../../../src/preflight/preflight-machine.js';
import { verifyOnce } from '../../../src/preflight/preflight-row.js';
import { DECIDING_VALUES, FACTS_OUTSIDE } from '../../../src/preflight/shapes/shape-facts.js';
import { buildShapeKey } from '../../../src/preflight/shapes/shape-key.js';
import { EMPTY_BLACKLIST } from '../../../src/trust/keyrings/keyring.js';
import { POLICIES } from '../../../src/trust/policy.js';
import { buildBzimage } from '../../support/bzimage.js';
import { buildImage } from '../../support/image.js';
import { listRecordedMachines } from '../../support/varied-machines.js';
import { recordReads } from './record-reads.js';

const KERNELS = { arm64: buildImage(), x86_64: buildBzimage() };

/** A load for each combination of what preflight's options decide. */
function listRequests(architecture: Machine['architecture']): LoadRequest[] {
  const given = { sources: [], namesTrusted: false };
  const trusts = [undefined, ...POLICIES].map(
    (policy) =>
      policy && {
        store: { keyrings: [], blacklist: EMPTY_BLACKLIST },
        given,
        policy,
        hashes: nodeHashes,
      },
  );
  return (['default', 'crash'] as const).flatMap((type) =>
    [undefined, 'quiet crashkernel=64M', 'x'.repeat(5000)].flatMap((commandLine) =>
      [undefined, new Uint8Array(100), new Uint8Array(96 << 20)].flatMap((initrd) =>
        trusts.map((trust) =>
          verifyOnce({ kernel: KERNELS[architecture], initrd, options: { type, commandLine }, trust }),
        ),
      ),
    ),
  );
}

/** The paths of facts that no load reads, as recordReads() writes them. */
const OUTSIDE_PATHS = Object.entries(FACTS_OUTSIDE).flatMap(([part, names]) =>
  names.map((name: string) => (part === 'machine' ? name : `${part}.${name}`)),
);

/** A machine with a value for every fact that is said to be outside. */
function fill(machine: Machine): Machine {
  const filled = {
    ...machine,
    systemVendor: 'Ampere',
    systemProduct: 'Mt.Jade',
    firmware: { vendor: 'EDK II', version: '2026' },
    kernelImage: { code: { start: 0n, end: 4096n } },
    kernel: {
      ...machine.kernel,
      kexecLoadDisabled: false,
      kexecLoadLimitReboot: 3,
      kexecLoadLimitPanic: -1,
      selinuxEnforcing: true,
    },
  };
  return filled.architecture === 'arm64'
    ? { ...filled, arm64: { ...filled.arm64, enableMethods: ['spin-table'] } }
    : { ...filled, x86: { ...filled.x86, bootApicId: 7, tdxGuest: true } };
}

describe.each(['arm64', 'x86_64'] as const)('the facts that a load reads on %s', (architecture) => {
  const machines = listRecordedMachines().filter((machine) => machine.architecture === architecture);
  const requests = listRequests(architecture);

  it('are in the shape, whatever the options', () => {
    const reads = new Set<string>();
    for (const machine of machines.map(fill))
      for (const request of requests) attempt(() => preflightMachine(request, recordReads(machine, reads)));
    // The name is put into each row.
    expect(OUTSIDE_PATHS.filter((path) => path !== 'name' && reads.has(path))).toEqual([]);
    expect([...reads]).toEqual(expect.arrayContaining(['memory', 'commandLine', 'crashRegion', 'pageSize']));
  });

  it('do not change with facts outside of it', () => {
    for (const machine of machines) {
      const other = fill(machine);
      expect(buildShapeKey(other, String)).toBe(
        buildShapeKey({ ...machine, kernel: { ...machine.kernel } }, String),
      );
      for (const request of requests.filter((_, index) => index % 5 === 0))
        expect(preflightMachine(request, other)).toEqual(preflightMachine(request, machine));
    }
  });
});

/** The value of a fact that decides, if only one does. */
function pickDeciding(fact: string): object {
  return Object.fromEntries(Object.entries(DECIDING_VALUES).filter(([name]) => name === fact));
}

it('has another shape for another value of any fact in it', () => {
  for (const machine of listRecordedMachines()) {
    const known = buildShapeKey(machine, (bytes) => Buffer.from(bytes).toString('base64'));
    const deciding = Object.fromEntries(Object.keys(DECIDING_VALUES).map((fact) => [fact, undefined]));
    const parts: readonly (readonly [string, object])[] = [
      ['', machine],
      ['kernel', { ...deciding, ...machine.kernel }],
      machine.architecture === 'arm64' ? ['arm64', machine.arm64] : ['x86', machine.x86],
    ];
    for (const [part, facts] of parts) {
      for (const fact of Object.keys(facts)) {
        if (OUTSIDE_PATHS.includes(part === '' ? fact : `${part}.${fact}`)) continue;
        if (['kernel', 'arm64', 'x86', 'architecture'].includes(fact)) continue;
        const changed = { ...facts, [fact]: 'another', ...(part === 'kernel' && pickDeciding(fact)) };
        const other = (part === '' ? changed : { ...machine, [part]: changed }) as Machine;
        expect(buildShapeKey(other, (bytes) => Buffer.from(bytes).toString('base64'))).not.toBe(known);
      }
    }
  }
});
