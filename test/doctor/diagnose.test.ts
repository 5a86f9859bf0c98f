import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../src/doctor/diagnose.js';
import { type Finding, SEVERITIES } from '../../src/doctor/finding.js';
import type { UnknownFact } from '../../src/machine/machine-facts.js';
import { PRESETS } from '../../src/machine/presets/presets.js';
import { buildBzimage } from '../support/bzimage.js';
import { listFacts } from '../support/doctor.js';
import { buildImage } from '../support/image.js';
import { buildMachine } from '../support/machine.js';
import { recordX86, X86_RECORDINGS } from '../support/x86-machine.js';

const ranks = (findings: readonly Finding[]) => findings.map(({ severity }) => SEVERITIES.indexOf(severity));

describe('diagnose', () => {
  it('sorts the worst findings first', () => {
    const findings = diagnose(buildMachine({ commandLine: '', memorySource: 'device-tree' }), {});
    expect(new Set(ranks(findings)).size).toBe(4);
    expect(ranks(findings)).toEqual(ranks(findings).toSorted());
  });

  it('finds nothing that stops kexec on the presets', () => {
    const kernels = { arm64: buildImage(), x86_64: buildBzimage() };
    for (const preset of Object.values(PRESETS)) {
      const machine = preset();
      const findings = diagnose(machine, { kernel: kernels[machine.architecture] });
      expect(findings.filter(({ severity }) => severity === 'stops')).toEqual([]);
    }
  });

  it.each(X86_RECORDINGS)(
    'finds nothing that stops kexec or kdump on %s, and says nothing of Arm',
    (name) => {
      const findings = diagnose(recordX86(name), {});
      expect(findings.filter(({ severity }) => severity === 'stops')).toEqual([]);
      expect(JSON.stringify(findings)).not.toMatch(/PSCI|arm64/);
    },
  );

  it('reports each fact that could not be read, once', () => {
    const facts = (unknown: readonly UnknownFact[], release = '6.12') =>
      diagnose(buildMachine({ unknown, kernel: { release } }), {})
        .filter(({ fact }) => fact.includes('denied'))
        .map(({ topic, severity, fact }) => `${topic} ${severity}: ${fact}`);
    expect(facts([{ fact: 'lockdown', reason: 'denied' }])).toEqual([
      'lockdown unknown: lockdown could not be read: denied',
    ]);
    expect(facts([{ fact: 'weather', reason: 'denied' }])).toEqual([
      'machine unknown: weather could not be read: denied',
    ]);
    expect(facts([{ fact: 'config', reason: 'denied' }])).toHaveLength(1);
    expect(facts([{ fact: 'crash-notes', reason: 'denied' }])).toHaveLength(1);
    expect(facts([{ fact: 'kexec-load-limit-panic', reason: 'denied' }])).toHaveLength(1);
    expect(facts([{ fact: 'kexec-load-limit-panic', reason: 'denied' }], '6.1.0')).toHaveLength(0);
  });

  it('reports a malformed device tree as a finding', () => {
    const machine = buildMachine({ arm64: { deviceTree: new Uint8Array(40) } });
    expect(listFacts('device-tree', machine)).toEqual([
      expect.stringMatching(/^unknown both: EINVAL \(dtb-header\)/),
    ]);
    expect(listFacts('load', machine, { kernel: buildImage() })).toEqual([
      expect.stringMatching(/^stops kexec: the load is refused: EADDRNOTAVAIL \(dtb-header\)/),
    ]);
  });

  it('accepts any bytes as kernel, initrd, command line and device tree', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .uint8Array({ minLength: 64, maxLength: 200 })
        .map((tail) => Buffer.concat([buildImage().subarray(0, 64), tail])),
      fc.uint8Array({ maxLength: 50 }).map((tail) => Buffer.concat([Buffer.from('070701'), tail])),
    );
    fc.assert(
      fc.property(
        bytes,
        bytes,
        bytes,
        fc.string(),
        fc.boolean(),
        (kernel, initrd, deviceTree, text, panic) => {
          const machine = buildMachine({ arm64: { deviceTree }, commandLine: text });
          const findings = diagnose(machine, { kernel, initrd, commandLine: text, panic, options: {} });
          expect(findings.some(({ severity }) => severity === 'stops')).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});
