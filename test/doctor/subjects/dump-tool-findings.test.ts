import { describe, expect, it } from 'vitest';
import type { KdumpTools } from '../../../src/machine/kdump-tools.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildMachine, type TestFacts } from '../../support/machine.js';

/** Debian 13 on arm64: its kernel, as it was seen with CPUs of 48 bits, and the packages as they are. */
const DEBIAN_KERNEL = {
  release: '6.12.118+deb13-arm64',
  config: { ARM64_VA_BITS: '52' },
  vmcoreinfo: {
    'NUMBER(VA_BITS)': '52',
    'NUMBER(TCR_EL1_T1SZ)': '0x10',
    'OFFSET(page.compound_head)': '8',
  },
};
const STOCK: KdumpTools = {
  units: ['kdump-tools.service'],
  makedumpfile: { path: '/usr/bin/makedumpfile', file: '/usr/bin/makedumpfile', version: '1.7.6' },
};

const factsOf = (kdumpTools: KdumpTools | undefined, facts: TestFacts = {}) =>
  listFacts(
    'dump',
    buildMachine({
      kernel: DEBIAN_KERNEL,
      ...(kdumpTools === undefined ? {} : { kdumpTools }),
      ...facts,
    }),
  );
const withVersion = (version: string, units: KdumpTools['units'] = []): KdumpTools => ({
  units,
  makedumpfile: { path: '/usr/bin/makedumpfile', version },
});

describe('makedumpfile', () => {
  it('stops kdump on Debian 13 as it comes', () => {
    const machine = buildMachine({ kernel: DEBIAN_KERNEL, kdumpTools: STOCK });
    const [finding, ...more] = listFindings('dump', machine);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      severity: 'stops',
      about: 'kdump',
      fact: 'makedumpfile 1.7.6 (/usr/bin/makedumpfile) does not support the running kernel, which has virtual addresses of 52 bits with pages of 4K',
      evidence: { check: 'dump-tool', holds: false },
    });
    expect(finding?.why).toContain('PAGE SIZE 0x1000 and VA Bits 52 not supported');
    expect(finding?.why).toContain('kdump-tools reports "saved vmcore" all the same');
    expect(finding?.cure).toContain('kexec-file-makedumpfile');
    expect(finding?.cure).toContain(
      'systemctl disable --now kdump-tools, systemctl enable --now kexec-file-kdump',
    );
  });

  it('is in order if it is kexec-file, by a link or a diversion', () => {
    const path = '/usr/bin/makedumpfile';
    for (const file of [
      '/usr/bin/kexec-file',
      '/usr/lib/kexec-file/kexec-file',
      '/opt/kexec-file/lib/cli.js',
    ])
      expect(factsOf({ ...STOCK, makedumpfile: { path, file } })).toEqual([
        `fine kdump: ${path} is kexec-file`,
      ]);
  });

  // As Debian's 1.7.2, 1.7.6 and 1.7.8 answered.
  it.each<[pageSize: 4096 | 16384 | 65536, supported: number[], refused: number[]]>([
    [4096, [39, 48], [36, 42, 47, 52]],
    [16384, [36, 47, 48], [39, 42, 52]],
    [65536, [42, 48, 52], [36, 39, 47]],
  ])('with pages of %i', (pageSize, supported, refused) => {
    const severityOf = (bits: number) =>
      listFindings(
        'dump',
        buildMachine({ pageSize, kdumpTools: STOCK, kernel: { config: { ARM64_VA_BITS: String(bits) } } }),
      ).map(({ severity }) => severity);
    for (const bits of supported) expect(severityOf(bits), String(bits)).toEqual(['fine']);
    for (const bits of refused) expect(severityOf(bits), String(bits)).toEqual(['stops']);
  });

  it('warns if no service calls it, or its version was not recorded with the machine', () => {
    expect(factsOf({ ...STOCK, units: ['kexec-file-kdump.service'] })).toEqual([
      'warns kdump: makedumpfile 1.7.6 (/usr/bin/makedumpfile) does not support the running kernel, which has virtual addresses of 52 bits with pages of 4K',
    ]);
    expect(factsOf(undefined)).toEqual([
      'warns kdump: the running kernel has virtual addresses of 52 bits with pages of 4K',
    ]);
    expect(factsOf(undefined, { pageSize: 65536 })).toEqual([]);
  });

  it('is unknown if it is a script', () => {
    const makedumpfile = { path: '/usr/bin/makedumpfile', file: '/usr/local/bin/save-dump' };
    expect(factsOf({ ...STOCK, makedumpfile })).toEqual([
      'unknown kdump: whether /usr/bin/makedumpfile supports virtual addresses of 52 bits with pages of 4K is not known',
    ]);
  });

  it('is unknown if it is newer than all that were tried', () => {
    expect(factsOf(withVersion('1.7.9', ['kdump.service']))).toEqual([
      'unknown kdump: whether makedumpfile 1.7.9 (/usr/bin/makedumpfile) supports virtual addresses of 52 bits with pages of 4K is not known',
    ]);
    expect(factsOf(STOCK, { kernel: {} })).toEqual([
      'unknown kdump: whether makedumpfile 1.7.6 (/usr/bin/makedumpfile) supports the running kernel is not known',
    ]);
  });

  it('says of newer kernels that they are not supported, and goes on', () => {
    const kernel = { vmcoreinfo: { 'NUMBER(VA_BITS)': '48' } };
    const [finding] = listFindings('dump', buildMachine({ kernel, kdumpTools: withVersion('1.7.2') }));
    expect(finding?.severity).toBe('fine');
    expect(finding?.why).toContain('newer than 6.0');
  });

  it('warns of compound_info, which it does not know', () => {
    const kernel = { vmcoreinfo: { 'NUMBER(VA_BITS)': '48', 'OFFSET(page.compound_info)': '8' } };
    expect(factsOf(withVersion('1.7.8'), { kernel })).toEqual([
      'warns kdump: makedumpfile 1.7.8 (/usr/bin/makedumpfile) does not know page.compound_info, which the running kernel has',
    ]);
    expect(factsOf(withVersion('1.7.9'), { kernel })[0]).toMatch(/^fine/);
  });

  it('is missing', () => {
    expect(factsOf({ units: [] })).toEqual([]);
    expect(factsOf({ units: ['kdump-tools.service'] })).toEqual([
      'warns kdump: makedumpfile is not installed, by which kdump-tools saves',
    ]);
  });
});
