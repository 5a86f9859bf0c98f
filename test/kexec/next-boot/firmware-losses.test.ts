import { describe, expect, it } from 'vitest';
import { listWarnings } from '../../../src/base/warnings.js';
import { buildCpio } from '../../../src/formats/cpio.js';
import { writeFdt } from '../../../src/formats/fdt/write.js';
import { loadKernelFile } from '../../../src/kexec/load-kernel-file.js';
import { findFirmwareLosses } from '../../../src/kexec/next-boot/firmware-losses.js';
import type { NextBoot } from '../../../src/kexec/next-boot/next-boot.js';
import { nodeDecompress } from '../../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { buildAcpiFacts } from '../../support/acpi.js';
import { buildMachine, type TestFacts } from '../../support/machine.js';
import { buildUefiTree, MAINLINE_KERNEL, PATCHED_KERNEL } from '../../support/uefi.js';

const INITRD = buildCpio([{ name: 'init', type: 'file', bytes: new Uint8Array(9) }]);
const NEXT: NextBoot = { type: 'default', commandLine: 'root=/dev/vda' };
const UEFI_FAULT = { seen: '', outcome: '', isFatal: true, cure: 'load another kernel' };
const WITH_ITS: TestFacts = { acpi: { ...buildAcpiFacts({}), gic: { version: 3, its: 1 } } };
const UEFI: TestFacts = { efi: { platformSize: 64, services: ['variables', 'time'] } };

const lossesOf = (facts: TestFacts, next: Partial<NextBoot> = {}) =>
  findFirmwareLosses({ ...NEXT, ...next }, buildMachine(facts));
const checksOf = (...given: Parameters<typeof lossesOf>) => lossesOf(...given).map(({ check }) => check);

describe('EFI runtime services', () => {
  it.each([
    ['noefi', 'noefi'],
    ['efi=debug,noruntime', 'efi=noruntime'],
  ])('are lost by %s on the command line of the next kernel', (commandLine, by) => {
    const [loss, ...others] = lossesOf(UEFI, { commandLine });
    expect(others).toEqual([]);
    expect(loss).toMatchObject({
      check: 'efi-runtime',
      seen: expect.stringContaining(`(${by})`),
      cure: expect.stringContaining(`remove ${by}`),
    });
  });

  it('are lost by the configuration of the next kernel, which efi=runtime overrules', () => {
    const options = { EFI_DISABLE_RUNTIME: 'y' };
    expect(checksOf(UEFI, { options })).toEqual(['efi-runtime']);
    expect(checksOf(UEFI, { options, commandLine: 'efi=runtime' })).toEqual([]);
  });

  it('are lost where the firmware has none, but not where the running kernel alone leaves them alone', () => {
    const efi = { services: [] };
    expect(checksOf({ efi })).toEqual(['efi-runtime']);
    expect(checksOf({ efi, commandLine: 'efi=noruntime' })).toEqual([]);
    expect(checksOf({ efi: {} })).toEqual([]);
  });

  it('are no matter without UEFI, nor to a kernel that ignores UEFI', () => {
    expect(checksOf({}, { commandLine: 'noefi' })).toEqual([]);
    expect(checksOf(UEFI, { commandLine: 'noefi', uefiFault: UEFI_FAULT })).toEqual([]);
  });
});

describe('the tables of LPIs', () => {
  it('are lost without UEFI', () => {
    expect(lossesOf(WITH_ITS)).toMatchObject([
      {
        check: 'lpi-tables',
        seen: expect.stringContaining('without UEFI'),
        cure: expect.stringMatching(/^boot by UEFI/),
      },
    ]);
  });

  it('are lost to a kernel that ignores UEFI, and the cure is that of its fault', () => {
    expect(lossesOf({ ...WITH_ITS, ...UEFI }, { uefiFault: UEFI_FAULT })).toMatchObject([
      { check: 'lpi-tables', seen: expect.stringContaining('ignores'), cure: 'load another kernel' },
    ]);
  });

  it.each<[string, TestFacts, Partial<NextBoot>]>([
    ['with UEFI', { ...WITH_ITS, ...UEFI }, {}],
    ['without an ITS', { acpi: buildAcpiFacts({}) }, {}],
    ['if LPIs are not used', { ...WITH_ITS, commandLine: 'irqchip.gicv3_nolpi=1' }, {}],
    ['for a crash kernel, which runs in memory of its own', WITH_ITS, { type: 'crash' }],
  ])('are not lost %s', (_, facts, next) => {
    expect(checksOf(facts, next)).toEqual([]);
  });
});

it('they are notes in the trail of a load, after the warnings, and --strict does not refuse for them', async () => {
  const deviceTree = writeFdt(buildUefiTree({ lacks: ['linux,uefi-secure-boot'] }));
  const machine = buildMachine({ ...WITH_ITS, ...UEFI, arm64: { deviceTree } });
  const load = (kernel: Uint8Array, commandLine: string, strict: boolean) =>
    loadKernelFile({ kernel, initrd: INITRD, options: { commandLine, strict } }, machine, {
      decompress: nodeDecompress,
      hashes: nodeHashes,
    });
  const withNoefi = await load(MAINLINE_KERNEL, 'root=/dev/vda noefi', true);
  expect(withNoefi).toHaveProperty('kimage');
  expect(withNoefi.trail.at(-1)).toMatchObject({ check: 'efi-runtime', verdict: 'note' });
  expect(listWarnings(withNoefi.trail)).toEqual([]);
  const patched = await load(PATCHED_KERNEL, 'root=/dev/vda', false);
  expect(patched.trail.slice(-2).map(({ check }) => check)).toEqual(['uefi-properties', 'lpi-tables']);
});
