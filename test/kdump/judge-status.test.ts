import { describe, expect, it } from 'vitest';
import { KexecError } from '../../src/base/error.js';
import type { Finding } from '../../src/doctor/finding.js';
import { judgeStatus, type KdumpFacts } from '../../src/kdump/judge-status.js';
import { buildServiceCommandLine } from '../../src/kdump/service-command-line.js';
import { parseSettings } from '../../src/settings/settings.js';
import { MIB } from '../support/machine.js';

/** A machine whose crashes are captured. */
const READY: KdumpFacts = {
  state: { crashLoaded: true, crashSize: 384n * MIB },
  record: {
    time: '2026-11-29T03:32:07.123Z',
    kernel: { path: '/boot/vmlinuz', size: 3, sha256: 'aa' },
    commandLine: buildServiceCommandLine('root=/dev/vda'),
    policy: 'enforce',
    syscall: 'segments',
    layout: 'cc',
  },
  settings: parseSettings(''),
  changes: [],
  hasSaveUnit: true,
  target: { path: '/var/crash', free: 900n * MIB },
  estimate: { memory: 2048n * MIB, atMost: 800n * MIB },
  otherUnits: [],
  findings: [],
};

const FINDING: Finding = {
  topic: 'permission',
  severity: 'stops',
  about: 'both',
  fact: 'kernel.kexec_load_disabled is 1',
  why: 'loading fails',
  source: 'the kernel',
};

const READ_ONLY = new KexecError('kdump-target', 'EROFS', '/var/crash is read-only');

function judge(facts: Partial<KdumpFacts>): { captures: boolean; problems: string[] } {
  const { captures, problems } = judgeStatus({ ...READY, ...facts });
  return { captures, problems: problems.map(({ severity, what }) => `${severity}: ${what}`) };
}

describe('the status of kdump', () => {
  it('is ready, if the service has loaded a crash kernel and a dump fits', () => {
    expect(judge({})).toEqual({ captures: true, problems: [] });
  });

  it('is not ready without a crash kernel, whatever else is in order', () => {
    const state = { crashLoaded: false, crashSize: 384n * MIB };
    expect(judge({ state, record: undefined })).toEqual({
      captures: false,
      problems: ['stops: no crash kernel is loaded'],
    });
  });

  it('is not ready without memory for one; doctor explains it, if it can', () => {
    const state = { crashLoaded: false, crashSize: 0n };
    const none = 'stops: no memory is reserved for a crash kernel: /sys/kernel/kexec_crash_size is 0';
    expect(judge({ state, record: undefined }).problems).toEqual([none]);
    const finding: Finding = {
      ...FINDING,
      topic: 'crash-region',
      about: 'kdump',
      fact: 'no memory is reserved',
    };
    expect(judge({ state, record: undefined, findings: [finding] }).problems).toEqual([
      'stops: crash-region: no memory is reserved; loading fails',
    ]);
  });

  it('is not ready if the dump could not be saved', () => {
    expect(judge({ target: READ_ONLY })).toMatchObject({ captures: false });
    expect(judge({ hasSaveUnit: false })).toEqual({
      captures: false,
      problems: ['stops: kexec-file-kdump-save.service is not installed, which the capture kernel starts'],
    });
  });

  it('warns of a dump that may not fit, and of what has changed', () => {
    const target = { path: '/var/crash', free: 700n * MIB };
    expect(judge({ target, changes: ['the initrd has changed'] })).toEqual({
      captures: true,
      problems: [
        'warns: since the crash kernel was loaded, the initrd has changed',
        'warns: 700 MiB are free in /var/crash, and a dump may take 800 MiB before it is compressed',
      ],
    });
  });

  it('warns of settings and files by which the next load would fail', () => {
    const settings = new KexecError('settings', 'EINVAL', 'line 2: no key');
    const changes = new KexecError('kdump-files', 'ENOENT', 'there is no kernel');
    expect(judge({ settings, changes })).toEqual({
      captures: true,
      problems: [
        'warns: EINVAL (settings): line 2: no key',
        'warns: ENOENT (kdump-files): there is no kernel',
      ],
    });
  });

  it('does not judge the crash kernel of another program, nor where it saves', () => {
    expect(judge({ record: undefined, target: READ_ONLY, otherUnits: ['kdump-tools.service'] })).toEqual({
      captures: true,
      problems: [
        'warns: the loaded crash kernel is not of the service: whether it saves a dump is not known',
        'warns: kdump-tools.service is enabled: it loads a crash kernel of its own',
      ],
    });
  });

  it('says that the other program cannot save', () => {
    const finding: Finding = { ...FINDING, topic: 'dump', fact: 'makedumpfile does not support it' };
    const { captures, problems } = judge({ record: undefined, findings: [finding] });
    expect(captures).toBe(false);
    expect(problems[0]).toBe('stops: dump: makedumpfile does not support it; loading fails');
    expect(judge({ findings: [finding] })).toEqual({ captures: true, problems: [] });
  });

  it('says what the other program saves', () => {
    const fact = 'kdump-tools saves by makedumpfile -F -c -d 31 in /var/crash';
    const findings: Finding[] = [{ ...FINDING, topic: 'dump', severity: 'fine', fact }];
    expect(judgeStatus({ ...READY, record: undefined, findings }).elsewhere).toEqual([fact]);
    expect(judgeStatus({ ...READY, findings }).elsewhere).toEqual([]);
  });

  it('reports what stops a load only until there is one', () => {
    expect(judge({ findings: [FINDING] }).problems).toEqual([]);
    const state = { crashLoaded: false, crashSize: 384n * MIB };
    expect(judge({ state, record: undefined, findings: [FINDING] }).problems).toContain(
      'stops: permission: kernel.kexec_load_disabled is 1; loading fails',
    );
  });

  it('leaves out what concerns kexec alone, and other programs that read dumps', () => {
    const findings: Finding[] = [
      { ...FINDING, about: 'kexec' },
      { ...FINDING, topic: 'dump' },
      { ...FINDING, severity: 'fine' },
    ];
    const state = { crashLoaded: false, crashSize: 384n * MIB };
    expect(judge({ state, record: undefined, findings }).problems).toEqual([
      'stops: no crash kernel is loaded',
    ]);
  });
});
