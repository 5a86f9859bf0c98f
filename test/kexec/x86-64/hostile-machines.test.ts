/** Facts of a machine file that lie: a load ends in a kimage or in a refusal, and takes no memory by them. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { kexecFileLoad } from '../../../src/kexec/file-load.js';
import { buildBzimage } from '../../support/bzimage.js';
import { buildX86Machine, SEABIOS_E820 } from '../../support/x86-pc.js';

const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const small = fc.bigInt({ min: 0n, max: 0x2_0000n });
const size = fc.oneof(u64, small);
const region = fc.record({ type: fc.nat(), physical: u64, virtual: u64, pages: u64, attribute: u64 });

const facts = fc.record(
  {
    purgatory: fc.record({ bufsz: size, memsz: size, alignment: fc.oneof(size, fc.constant(4096n)) }),
    bootParams: fc.uint8Array({ maxLength: 4200 }),
    efiHandOver: fc.record({
      firmwareVendor: u64,
      configTable: u64,
      smbios: u64,
      runtimeMap: fc.array(region, { maxLength: 20 }),
    }),
    crashElfcorehdrSize: size,
    fiveLevels: fc.boolean(),
    e820: fc.constantFrom([], SEABIOS_E820),
  },
  { requiredKeys: [] },
);
const configs = fc.dictionary(
  fc.constantFrom('CRASH_HOTPLUG', 'MEMORY_HOTPLUG', 'NR_CPUS_DEFAULT', 'CRASH_MAX_MEMORY_RANGES', 'EFI'),
  fc.constantFrom('y', 'm', '8192', '', 'x', '-1', '1e99'),
);

it('ends in a kimage or a refusal', () => {
  const kernel = buildBzimage({ kernelSize: 512 });
  fc.assert(
    fc.property(facts, configs, fc.constantFrom('default', 'crash'), (x86, config, type) => {
      const machine = buildX86Machine({ kernel: { config } }, x86);
      const result = kexecFileLoad({ kernel, options: { type: type as 'default' } }, machine);
      expect('kimage' in result || result.refusal.errno).toBeTruthy();
    }),
    { numRuns: 300 },
  );
});
