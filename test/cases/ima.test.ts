import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/doctor/diagnose.js';
import type { IntendedLoad } from '../../src/doctor/intended-load.js';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { recordFromFolder } from '../../src/node/collect/record-folder.js';
import { EMPTY_BLACKLIST } from '../../src/trust/keyrings/keyring.js';

const pathOf = (name: string): string => fileURLToPath(new URL(`field/18-ima/${name}`, import.meta.url));
const readCase = (name: string): Machine => recordFromFolder(pathOf(name));
const withSecureBoot = (machine: Machine, isOn: boolean): Machine => ({
  ...machine,
  efiVariables: { SecureBoot: Uint8Array.of(6, 0, 0, 0, isOn ? 1 : 0) },
});

const kernel = new Uint8Array(readFileSync(pathOf('Image')));
const store = { keyrings: [], blacklist: EMPTY_BLACKLIST };
const intended: IntendedLoad = {
  kernel,
  trust: { hashes: nodeHashes, storeFor: () => store, isEnforced: false },
};

const planAsKernel = (machine: Machine) =>
  kexecFileLoad({ kernel, trust: { store, policy: 'as-kernel', hashes: nodeHashes } }, machine);
const listIma = (machine: Machine, of: IntendedLoad = intended) =>
  diagnose(machine, of).filter(({ topic }) => topic === 'ima');

describe("field/18: IMA's policies", () => {
  it.each([
    ['ima-build', 'CONFIG_IMA_APPRAISE_REQUIRE_KEXEC_SIGS'],
    ['ima-cmd', 'ima_policy=secure_boot'],
  ])('%s: kexec_load is EACCES, and the kernel needs a signature for IMA', (name, because) => {
    const machine = readCase(name);
    expect(planAsKernel(machine)).toMatchObject({
      refusal: {
        check: 'ima-appraisal',
        errno: 'EACCES',
        seen: expect.stringContaining(because),
        cure: expect.stringContaining('kexec-file sign --ima xattr'),
      },
    });
    expect(listIma(machine)).toMatchObject([
      { severity: 'stops', about: 'kexec', fact: expect.stringContaining(`in security.ima (${because})`) },
      { severity: 'warns', about: 'both', fact: `IMA refuses every kexec_load with EACCES: ${because}` },
    ]);
    // Without a kernel, both are still said.
    expect(listIma(machine, {}).map(({ severity }) => severity)).toEqual(['warns', 'warns']);
  });

  it('a kernel without kexec_file_load has no call left', () => {
    const machine = readCase('ima-build');
    const { KEXEC_FILE: _, ...config } = machine.kernel?.config ?? {};
    const findings = listIma({ ...machine, kernel: { ...machine.kernel, config } });
    // What IMA would say of a file is no matter there.
    expect(findings).toMatchObject([
      { severity: 'stops', about: 'both', cure: expect.stringContaining('systemctl reboot') },
    ]);
  });

  it('what is only logged is no obstacle', () => {
    const machine = { ...readCase('ima-build'), commandLine: 'ima_appraise=log' };
    const config = { ...machine.kernel?.config, IMA_APPRAISE_BOOTPARAM: 'y' };
    const logged = { ...machine, kernel: { ...machine.kernel, config } };
    expect(planAsKernel(logged)).toHaveProperty('kimage');
    expect(listIma(logged)).toMatchObject([{ severity: 'fine' }]);
  });

  it('ima-arch: it is not known whether signatures are binding', () => {
    const machine = readCase('ima-arch');
    expect(listIma(machine)).toMatchObject([
      { severity: 'unknown', fact: expect.stringContaining('whether Secure Boot is on is not known') },
    ]);
    const result = planAsKernel(machine);
    const note = result.trail.find(({ check }) => check === 'signature');
    expect(note?.detail).toMatch(/only if Secure Boot is off, which is not known/);
  });

  it('ima-arch with Secure Boot on: they are', () => {
    const machine = withSecureBoot(readCase('ima-arch'), true);
    const result = planAsKernel(machine);
    expect(result).toMatchObject({ refusal: { errno: 'ELIBBAD', check: 'pe-signed' } });
    expect(listIma(machine).map(({ fact }) => fact)).toEqual([
      'IMA refuses every kexec_load with EACCES: Secure Boot is on, and the kernel has CONFIG_KEXEC_SIG',
      'Secure Boot is on, and the running kernel has CONFIG_IMA_ARCH_POLICY',
    ]);
    const findings = diagnose(machine, intended);
    expect(findings).toContainEqual(
      expect.objectContaining({
        topic: 'signature',
        severity: 'stops',
        why: expect.stringContaining('CONFIG_IMA_ARCH_POLICY with Secure Boot on'),
      }),
    );
  });

  it('ima-arch with Secure Boot off: they are not', () => {
    const machine = withSecureBoot(readCase('ima-arch'), false);
    expect(planAsKernel(machine)).toHaveProperty('kimage');
    expect(listIma(machine)).toMatchObject([
      { severity: 'fine', fact: expect.stringMatching(/^IMA demands nothing of kernels, by configuration/) },
    ]);
  });
});
