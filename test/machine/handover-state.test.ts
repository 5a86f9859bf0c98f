import { describe, expect, it } from 'vitest';
import { findHandoverState } from '../../src/machine/handover-state.js';
import { recordMachine } from '../../src/machine/record.js';
import { buildMachine, buildSmallDeviceTree, GIB } from '../support/machine.js';

const BUILT_IN = { config: { KEXEC_HANDOVER: 'y' } };
const ON_BY_DEFAULT = { config: { KEXEC_HANDOVER: 'y', KEXEC_HANDOVER_ENABLE_DEFAULT: 'y' } };

describe('findHandoverState', () => {
  it.each([
    ['on', 'known scratch areas', { handover: { scratch: [{ start: 0n, end: GIB }] } }],
    ['off', 'a kernel without it', { kernel: { config: {} }, commandLine: 'kho=on' }],
    ['off', 'neither asked for nor the default', { kernel: BUILT_IN, commandLine: 'quiet' }],
    ['off', 'kho=off', { kernel: ON_BY_DEFAULT, commandLine: 'kho=off' }],
    ['off', 'the last of several', { kernel: BUILT_IN, commandLine: 'kho=1 kho=N' }],
    ['asked', 'kho=on', { kernel: BUILT_IN, commandLine: 'kho=on' }],
    ['asked', 'a value that the kernel ignores', { kernel: ON_BY_DEFAULT, commandLine: 'kho=maybe' }],
    ['asked', 'the default', { kernel: ON_BY_DEFAULT, commandLine: '' }],
    ['off', 'an argument of init', { kernel: BUILT_IN, commandLine: 'quiet -- kho=on' }],
    ['unknown', 'an unknown configuration', { commandLine: 'kho=on' }],
    ['unknown', 'nothing known', {}],
  ])('is %s with %s', (state, _, facts) => {
    expect(findHandoverState(buildMachine(facts))).toBe(state);
  });
});

describe('a recorded machine', () => {
  const record = (phys?: string, len?: string) =>
    recordMachine('m', {
      fdt: buildSmallDeviceTree(),
      iomem: '40000000-7fffffff : System RAM\n',
      'kho-scratch-phys': phys,
      'kho-scratch-len': len,
    });

  it("has the scratch areas in the kernel's order", () => {
    const { handover, unknown } = record('0x74800000\n0x6c800000\n', '0x1000000\n0x8000000\n');
    expect(handover).toEqual({
      scratch: [
        { start: 0x7480_0000n, end: 0x7580_0000n },
        { start: 0x6c80_0000n, end: 0x7480_0000n },
      ],
    });
    expect(unknown).toBeUndefined();
  });

  it('has none if KHO is off, or only one of the files was collected', () => {
    expect(record().handover).toBeUndefined();
    expect(record('0x74800000\n').handover).toBeUndefined();
  });

  it.each([
    ['fewer sizes than addresses', '0x1000\n0x2000\n', '0x1000\n'],
    ['no area', '\n', '\n'],
    ['too many areas', '0x1000\n'.repeat(1027), '0x1000\n'.repeat(1027)],
    ['no number', '0x1000\n', '4096\n'],
    ['an area beyond 64 bits', '0xfffffffffffff000\n', '0x2000\n'],
  ])('names the areas as unknown for %s', (_, phys, len) => {
    const { handover, unknown } = record(phys, len);
    expect(handover).toBeUndefined();
    expect(unknown).toEqual([{ fact: 'kho-scratch-phys', reason: expect.any(String) }]);
  });
});
