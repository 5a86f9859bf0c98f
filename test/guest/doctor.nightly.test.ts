/** The findings on arm64, live: x86-live.test.ts runs doctor, too, and test/system has what it says of whole systems. */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/doctor/finding.js';
import { corpus } from '../support/corpus.js';
import { GUEST_TEST_TIMEOUT, runGuest } from './guest.js';

const KERNEL = corpus.kernel('cloud-6.12');
const CONFIG = KERNEL.replace(/\/vmlinuz-([^/]*)$/, '/config-$1');
const RELEASE = KERNEL.replace(/^.*\/vmlinuz-/, '');

/** The runs of doctor in the output of the script: the printed text, and the exit status after it. */
function runsOf(output: string): { text: string; status: number }[] {
  return Array.from(output.matchAll(/^== doctor\n([\s\S]*?)^== (\d+)\n/gm), ([, text = '', status]) => ({
    text,
    status: Number(status),
  }));
}

const findingsOf = (text: string): Finding[] => JSON.parse(text).findings;

const stopping = (findings: readonly Finding[]) =>
  findings.filter(({ severity }) => severity === 'stops').map(({ topic, about }) => `${topic} ${about}`);

describe('kexec-file doctor on a live machine', { timeout: GUEST_TEST_TIMEOUT }, () => {
  it('finds a missing crashkernel=, lockdown and kexec_load_disabled, each with its cure', async () => {
    const { output, status } = await runGuest({
      files: { [`/boot/config-${RELEASE}`]: CONFIG, '/boot/vmlinuz': KERNEL },
      script: `
        doctor() { echo "== doctor"; kexec-file doctor "$@" 2>&1; echo "== $?"; }
        doctor /boot/vmlinuz --policy permissive --json
        echo "== doctor"; su nobody -c 'kexec-file doctor --json'; echo "== $?"
        echo integrity > /sys/kernel/security/lockdown
        doctor --json
        echo 1 > /proc/sys/kernel/kexec_load_disabled
        doctor`,
    });
    expect(status).toBe(0);
    const [untouched, nobody, locked, disabled] = runsOf(output);

    const findings = findingsOf(untouched?.text ?? '');
    expect(stopping(findings)).toEqual(['crash-region kdump']);
    expect(findings[0]).toEqual({
      topic: 'crash-region',
      severity: 'stops',
      about: 'kdump',
      fact: 'no memory is reserved for a crash kernel: the command line has no crashkernel=',
      why: expect.stringContaining('EADDRNOTAVAIL'),
      cure: expect.stringContaining('add crashkernel=256M to the running kernel'),
      source: expect.any(String),
    });
    expect(untouched?.status).toBe(1);
    expect(findings.filter(({ severity }) => severity === 'fine').map(({ fact }) => fact)).toEqual(
      expect.arrayContaining([
        'the process has CAP_SYS_BOOT',
        'the running kernel has kexec_load, and no kexec_file_load',
        'CPUs are started and stopped by PSCI (there are 2)',
        'the addresses of the crash notes of 2 CPUs and of the kernel are known',
        "the memory map is memblock's own",
        expect.stringMatching(/^the kernel can be loaded: kernel at 0x/),
        // It has the release of the running kernel, and so its configuration.
        'the next kernel has virtual addresses of 52 bits, which map 2048T of RAM',
      ]),
    );

    expect(findingsOf(nobody?.text ?? '')[0]).toMatchObject({
      topic: 'permission',
      severity: 'stops',
      about: 'both',
      fact: 'the process lacks CAP_SYS_BOOT',
      cure: expect.stringContaining('run it as root'),
    });
    expect(nobody?.status).toBe(1);

    const lockedFindings = findingsOf(locked?.text ?? '');
    expect(stopping(lockedFindings)).toEqual(['lockdown both', 'crash-region kdump']);
    expect(lockedFindings[0]).toMatchObject({
      fact: 'the kernel is locked down (integrity), and has no kexec_file_load(2)',
      cure: expect.stringContaining('boot without lockdown'),
    });

    expect(disabled?.text).toMatch(
      /^What stops it\n\n {2}permission \(kexec, kdump\): kernel\.kexec_load_disabled is 1\n {4}why .*\n( {10}.*\n)* {4}cure {2}it cannot be set back/,
    );
    expect(disabled?.text).toMatch(/kexec: 2 findings stop it\nkdump: 3 findings stop it\n$/);
    expect(disabled?.status).toBe(1);
  });
});
