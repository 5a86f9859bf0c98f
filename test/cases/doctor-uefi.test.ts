/** The built command on a server that boots by UEFI, with ACPI and Linux 7.3. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeFdt } from '../../src/formats/fdt/write.js';
import { formatMachine } from '../../src/machine/schema.js';
import { buildAcpiFacts } from '../support/acpi.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildMachine, GIB, MIB, type TestFacts } from '../support/machine.js';
import { buildUefiTree } from '../support/uefi.js';

const SERVER: TestFacts = {
  name: 'server',
  commandLine: 'root=/dev/nvme0n1p2',
  possibleCpus: 80,
  kernel: {
    release: '7.3.4',
    config: Object.fromEntries(
      ['KEXEC_FILE', 'HOTPLUG_CPU', 'IMA', 'IMA_APPRAISE', 'KEXEC_HANDOVER', 'LIVEUPDATE', 'DMA_CMA'].map(
        (name) => [name, 'y'],
      ),
    ),
  },
  // The state of Secure Boot: 4 bytes of attributes, then 1 byte.
  efiVariables: { SecureBoot: Uint8Array.of(6, 0, 0, 0, 0), SetupMode: Uint8Array.of(6, 0, 0, 0, 0) },
  efi: { platformSize: 64, tables: ['ACPI20', 'SMBIOS3'], services: ['variables', 'time'] },
  acpi: buildAcpiFacts({
    cpuMethod: 'psci-smc',
    console: { type: 'sbsa-uart', address: 0x1000_0260_0000n, accessBits: 32 },
  }),
  cma: { total: 64n * MIB },
  arm64: { deviceTree: writeFdt(buildUefiTree()), granules: [4096], mixedEndian: true },
};

/** The facts of doctor's findings about that machine, by topic. */
function diagnose(facts: TestFacts): string {
  const path = join(makeTemporaryFolder(), 'server.json');
  writeFileSync(path, formatMachine(buildMachine({ ...SERVER, ...facts })));
  const { stdout, stderr } = runCli('doctor', '--machine', path, '--json');
  expect(stderr).toBe('');
  const { findings }: { findings: readonly { topic: string; fact: string }[] } = JSON.parse(stdout);
  return findings.map(({ topic, fact }) => `${topic}: ${fact}`).join('\n');
}

it.each([
  ['how CPUs are started', /^cpus: CPUs are started and stopped by PSCI, called by SMC \(there are 80\)$/m],
  ['the console', /^console: the next kernel prints to .*, which ACPI's SPCR names$/m],
  ['Secure Boot', /^firmware: UEFI Secure Boot is off$/m],
  ['IMA', /^ima: IMA demands nothing of kernels/m],
  ['Kexec Handover', /^memory: Kexec Handover is off$/m],
  ['CMA', /^memory: kexec_file_load takes pages of the CMA area for segments \(CMA: 64 MiB\b/m],
])('doctor names %s of a server with UEFI and ACPI', (_, fact) => {
  expect(diagnose({})).toMatch(fact);
});

it('doctor names what Secure Boot, IMA and Kexec Handover change', () => {
  const config = { ...SERVER.kernel?.config, IMA_ARCH_POLICY: 'y', KEXEC_SIG: 'y' };
  const facts = diagnose({
    kernel: { release: '7.3.4', config },
    efiVariables: { ...SERVER.efiVariables, SecureBoot: Uint8Array.of(6, 0, 0, 0, 1) },
    handover: { scratch: [{ start: GIB, end: GIB + 128n * MIB }] },
  });
  expect(facts).toMatch(/^firmware: UEFI Secure Boot is on/m);
  expect(facts).toMatch(/^ima: IMA refuses every kexec_load with EACCES: Secure Boot is on/m);
  expect(facts).toMatch(/^memory: Kexec Handover is on, with scratch areas of .*128 MiB.*/m);
  expect(facts).not.toContain('CMA');
});
