import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/doctor/diagnose.js';
import { inspectMachine } from '../../src/inspect/inspect-machine.js';
import { KDUMP_UNITS } from '../../src/machine/kdump-tools.js';
import { formatMachine, parseMachine } from '../../src/machine/schema.js';
import { findAppraisal, findSegmentsGate } from '../../src/trust/ima/appraisal.js';
import { buildImage } from '../support/image.js';
import { buildMachine, type TestFacts } from '../support/machine.js';

const words = [
  ...[
    'crashkernel=',
    '1G',
    '-',
    ':',
    '@',
    ',high',
    ',low',
    ' ',
    '0x',
    'ima_policy=',
    'secure_boot',
    'ima_appraise=log',
  ],
  ...[
    'BOOT_IMAGE=',
    'ostree=',
    'initrd=\\',
    '"',
    '=',
    '\n',
    '\0',
    '__proto__',
    'constructor',
    'appraise ',
    'func=',
  ],
];
const anyText = fc.oneof(
  fc.string(),
  fc.array(fc.constantFrom(...words), { maxLength: 20 }).map((all) => all.join('')),
);
const anyBytes = fc.uint8Array({ maxLength: 12 });

const anySettings = fc.dictionary(
  fc.constantFrom(
    'USE_KDUMP',
    'MAKEDUMP_ARGS',
    'SSH',
    'core_collector',
    'ext4',
    'KDUMP_COMMANDLINE_APPEND',
    '__proto__',
  ),
  fc.oneof(anyText, fc.constantFrom('1', 'makedumpfile -d', '-d 31')),
);

const anyFacts: fc.Arbitrary<TestFacts> = fc.record({
  commandLine: anyText,
  systemVendor: anyText,
  bootFiles: fc.array(anyText, { maxLength: 3 }),
  kdumpTools: fc.record({
    units: fc.subarray([...KDUMP_UNITS]),
    makedumpfile: fc.record({ path: anyText, version: anyText }),
    kdumpToolsSettings: anySettings,
    kdumpConf: anySettings,
    kdumpSysconfig: anySettings,
  }),
  efiVariables: fc.record({
    SecureBoot: anyBytes,
    SetupMode: anyBytes,
    LoaderInfo: anyBytes,
    StubInfo: anyBytes,
  }),
  kernel: fc.record({
    release: fc.oneof(anyText, fc.constantFrom('5.10.0', '6.1', '99999999999.9')),
    config: fc.dictionary(
      fc.constantFrom('IMA', 'IMA_APPRAISE', 'IMA_ARCH_POLICY', 'KEXEC_SIG', '__proto__'),
      fc.constant('y'),
    ),
    securityModules: fc.array(anyText, { maxLength: 3 }),
    selinuxEnforcing: fc.boolean(),
    vmcoreinfo: fc.record({ 'NUMBER(VA_BITS)': anyText }),
    imaPolicy: anyText,
  }),
});

describe('facts out of a machine file', () => {
  it('are diagnosed, shown and written, whatever they are', () => {
    fc.assert(
      fc.property(anyFacts, fc.boolean(), (facts, panic) => {
        const machine = buildMachine(facts);
        for (const { fact, why } of diagnose(machine, { kernel: buildImage(), panic }))
          expect(fact.length * why.length).toBeGreaterThan(0);
        inspectMachine(machine);
        expect(parseMachine(formatMachine(machine)).systemVendor).toBe(machine.systemVendor);
        expect(
          findSegmentsGate(machine) === undefined ||
            findAppraisal(machine) !== undefined ||
            machine.kernel?.config?.KEXEC_SIG === 'y',
        ).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
