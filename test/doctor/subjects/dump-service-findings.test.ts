import { describe, expect, it } from 'vitest';
import { KexecError } from '../../../src/base/error.js';
import type { LiveFacts } from '../../../src/doctor/intended-load.js';
import type { KdumpTools } from '../../../src/machine/kdump-tools.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildMachine, GIB, MIB } from '../../support/machine.js';

/** The settings of /etc/default/kdump-tools as the package brings them; bookworm's and trixie's are the same. */
const USUAL = {
  USE_KDUMP: '1',
  KDUMP_KERNEL: '/var/lib/kdump/vmlinuz',
  KDUMP_INITRD: '/var/lib/kdump/initrd.img',
  KDUMP_COREDIR: '/var/crash',
};

const debian = (settings: Record<string, string> = {}): KdumpTools => ({
  units: ['kdump-tools.service'],
  makedumpfile: { path: '/usr/bin/makedumpfile', file: '/usr/bin/kexec-file' },
  kdumpToolsSettings: { ...USUAL, ...settings },
});
const fedora = (kdumpConf: Record<string, string> = {}, append = 'irqpoll nr_cpus=1'): KdumpTools => ({
  units: ['kdump.service'],
  makedumpfile: { path: '/usr/sbin/makedumpfile', file: '/usr/bin/kexec-file' },
  kdumpConf,
  kdumpSysconfig: { KDUMP_COMMANDLINE_APPEND: append },
});

/** The findings but the one that the drop-in is there. */
const factsOf = (kdumpTools: KdumpTools, dump?: LiveFacts['dump']) =>
  listFacts('dump', buildMachine({ kdumpTools }), dump === undefined ? {} : { live: { dump } }).filter(
    (fact) => !fact.endsWith('is kexec-file'),
  );

describe('kdump-tools', () => {
  it('saves as it is configured', () => {
    expect(factsOf(debian())).toEqual([
      'fine kdump: kdump-tools saves by makedumpfile -F -c -d 31 in /var/crash; a dump takes at most all memory, 1 GiB',
    ]);
    expect(factsOf(debian({ MAKEDUMP_ARGS: '-l -d 17', KDUMP_COREDIR: '/srv' }))).toEqual([
      'fine kdump: kdump-tools saves by makedumpfile -l -d 17 -F in /srv; a dump takes at most all memory, 1 GiB',
    ]);
  });

  it('has a dump whose size is predicted, by the level of its filter', () => {
    const meminfo = 'MemFree: 524288 kB\nCached: 131072 kB\nAnonPages: 65536 kB\n';
    const folder = { path: '/var/crash', free: GIB };
    const sizeAt = (MAKEDUMP_ARGS: string) =>
      /at most (.*) of 1 GiB/.exec(factsOf(debian({ MAKEDUMP_ARGS }), { meminfo, folder })[0] ?? '')?.[1];
    expect(sizeAt('-c -d 31')).toBe('320 MiB');
    expect(sizeAt('-c -d16')).toBe('512 MiB');
    expect(sizeAt('-cd 24,31')).toBe('448 MiB');
    expect(sizeAt('--message-level 31 -c')).toBe('1 GiB');
    expect(factsOf(debian(), { meminfo, folder: { ...folder, free: 300n * MIB } })).toEqual([
      'warns kdump: kdump-tools saves by makedumpfile -F -c -d 31: 300 MiB are free in /var/crash, and a dump may take 320 MiB before it is compressed',
    ]);
  });

  it('has no capture kernel without its files', () => {
    const captureFiles = { missing: ['/boot/vmlinuz-own', '/var/lib/kdump/initrd.img'] };
    expect(factsOf(debian(), { captureFiles }).slice(0, 2)).toEqual([
      'stops kdump: /boot/vmlinuz-own does not exist, which kdump-tools loads',
      'warns kdump: /var/lib/kdump/initrd.img does not exist, which kdump-tools loads',
    ]);
  });

  it('has an initrd that its kernel cannot unpack', () => {
    const captureFiles = { missing: [], release: '6.12.118+deb13-arm64', compression: 'zstd' } as const;
    const firstOf = (config: Record<string, string>, release: string = captureFiles.release) => {
      const kernel = { release: captureFiles.release, config: { ARM64_VA_BITS: '52', ...config } };
      const machine = buildMachine({ kdumpTools: debian(), kernel });
      const live = { dump: { captureFiles: { ...captureFiles, release } } };
      return listFacts('dump', machine, { live })[0];
    };
    expect(firstOf({ RD_GZIP: 'y' })).toBe(
      'stops kdump: /var/lib/kdump/initrd.img is compressed with zstd; the capture kernel, 6.12.118+deb13-arm64, has no CONFIG_RD_ZSTD',
    );
    expect(firstOf({ RD_ZSTD: 'y' })).toMatch(/^fine/);
    expect(firstOf({ RD_GZIP: 'y' }, '6.1.0')).toMatch(/^fine/);
  });

  it('cannot save in the folder', () => {
    const refusal = (errno: 'EROFS' | 'EACCES') =>
      new KexecError('kdump-target', errno, 'cannot write to it');
    expect(factsOf(debian(), { folder: refusal('EROFS') })[0]).toMatch(/^stops/);
    expect(factsOf(debian(), { folder: refusal('EACCES') })[0]).toMatch(/^unknown/);
  });

  it.each(['-c -d 32', '-d all', '-c -d'])('stops with %s, which makedumpfile refuses', (MAKEDUMP_ARGS) => {
    expect(factsOf(debian({ MAKEDUMP_ARGS }))[0]).toMatch(/^stops kdump: MAKEDUMP_ARGS of kdump-tools/);
  });

  it('is switched off', () => {
    for (const USE_KDUMP of ['0', ''])
      expect(factsOf(debian({ USE_KDUMP }))).toEqual([
        'warns kdump: kdump-tools is enabled, but USE_KDUMP is not 1',
      ]);
    const kernel = { config: { ARM64_VA_BITS: '52' } };
    const kdumpTools: KdumpTools = {
      ...debian({ USE_KDUMP: '0' }),
      makedumpfile: { path: '/usr/bin/makedumpfile', version: '1.7.6' },
    };
    const [first] = listFindings('dump', buildMachine({ kdumpTools, kernel }));
    expect(first).toMatchObject({ severity: 'warns', evidence: { check: 'dump-tool' } });
  });

  it('sends the dump to other machines', () => {
    expect(factsOf(debian({ SSH: 'kdump@dumps', NFS: 'dumps:/srv', HOSTTAG: 'hostname' }))).toEqual([
      'unknown kdump: kdump-tools sends the dump by ssh to kdump@dumps; a dump takes at most all memory, 1 GiB',
      'unknown kdump: kdump-tools sends the dump by nfs to dumps:/srv; a dump takes at most all memory, 1 GiB',
    ]);
  });

  it('warns of parameters that are missing in those that replace its own', () => {
    expect(factsOf(debian({ KDUMP_CMDLINE_APPEND: 'reset_devices' })).slice(0, 2)).toEqual([
      'warns kdump: KDUMP_CMDLINE_APPEND has no nr_cpus=1',
      'warns kdump: KDUMP_CMDLINE_APPEND has no systemd.unit=kdump-tools-dump.service',
    ]);
    const append = 'reset_devices systemd.unit=kdump-tools-dump.service maxcpus=1';
    expect(factsOf(debian({ KDUMP_CMDLINE_APPEND: append }))).toHaveLength(1);
  });
});

describe('kdump-utils', () => {
  it('saves as it is configured', () => {
    const usual = { path: '/var/crash', core_collector: 'makedumpfile -l --message-level 7 -d 31' };
    for (const conf of [usual, {}])
      expect(factsOf(fedora(conf))).toEqual([
        'fine kdump: kdump-utils saves by makedumpfile -l --message-level 7 -d 31 in /var/crash; a dump takes at most all memory, 1 GiB',
      ]);
    expect(factsOf(fedora({ ssh: 'kdump@dumps' }))).toEqual([
      'unknown kdump: kdump-utils sends the dump by ssh to kdump@dumps; a dump takes at most all memory, 1 GiB',
    ]);
    expect(factsOf(fedora({ ext4: 'LABEL=/dumps' }))).toEqual([
      'unknown kdump: kdump-utils saves to LABEL=/dumps (ext4); a dump takes at most all memory, 1 GiB',
    ]);
    expect(factsOf(fedora({}, 'irqpoll'))[0]).toBe('warns kdump: KDUMP_COMMANDLINE_APPEND has no nr_cpus=1');
  });

  it('says what happens if it cannot', () => {
    const kdumpTools = fedora({ failure_action: 'shell' });
    const why = listFindings('dump', buildMachine({ kdumpTools })).at(-1)?.why;
    expect(why).toContain('failure_action says: shell');
  });

  it('needs no makedumpfile for another collector', () => {
    const kdumpTools: KdumpTools = {
      ...fedora({ core_collector: 'cp' }),
      makedumpfile: { path: '/usr/sbin/makedumpfile', version: '1.7.8' },
    };
    const kernel = { config: { ARM64_VA_BITS: '52' } };
    expect(listFacts('dump', buildMachine({ kdumpTools, kernel }))).toEqual([
      expect.stringMatching(/^warns kdump: makedumpfile 1.7.8/),
      expect.stringMatching(/^fine kdump: kdump-utils saves by cp in \/var\/crash/),
    ]);
  });
});
