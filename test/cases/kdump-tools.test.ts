/** A Debian 13 system on arm64 with kdump-tools, recorded by the collector and diagnosed elsewhere. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../src/machine/presets/presets.js';
import { buildCollectorScript } from '../../src/node/collect/collector-script.js';
import { joinLines, makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildImage } from '../support/image.js';
import { buildKcore, buildMachineFiles, RELEASE, VMCOREINFO, writeRoot } from '../support/machine-root.js';
import { runProgram } from '../support/programs.js';

const OPTIONS = ['KEXEC', 'KEXEC_FILE', 'CRASH_DUMP', 'PROC_VMCORE', 'HOTPLUG_CPU', 'ARM64_4K_PAGES'];

/** What differs from the machine of other tests: the kernel's options, 52 bits on CPUs that have 48, no IMA. */
const DEBIAN_FILES: Record<string, string | Uint8Array> = {
  '/proc/kcore': buildKcore(VMCOREINFO.replace('(VA_BITS)=48', '(VA_BITS)=52')),
  [`/boot/config-${RELEASE}`]: `${OPTIONS.map((name) => `CONFIG_${name}=y\n`).join('')}CONFIG_ARM64_VA_BITS=52\n`,
  '/proc/cmdline': 'root=/dev/vda1 crashkernel=256M console=ttyAMA0\n',
  '/sys/firmware/fdt': PRESETS['qemu-virt']().arm64.deviceTree,
  '/sys/kernel/security/lockdown': '[none] integrity confidentiality\n',
  '/sys/kernel/security/lsm': 'lockdown,capability,apparmor',
  '/sys/kernel/security/ima/policy': '',
  '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c': Uint8Array.of(6, 0, 0, 0, 0),
};

type Change = (root: string, files: Record<string, string | Uint8Array>) => void;

/** What `doctor` and `preflight` print of the recorded system. */
function diagnoseRecorded(change: Change): {
  readonly status: number | null;
  readonly text: string;
  readonly preflight: string;
} {
  const folder = makeTemporaryFolder();
  const root = join(folder, 'root');
  mkdirSync(root);
  const files: Record<string, string | Uint8Array> = {
    ...buildMachineFiles(),
    ...DEBIAN_FILES,
  };
  change(root, files);
  writeRoot(root, files);
  const machine = join(folder, 'debian.json');
  const tar = join(folder, 'debian.tar');
  runProgram('sh', ['-s', '--', '-o', tar, '-r', root], { input: buildCollectorScript() });
  expect(runCli('machine', 'record', '--from', tar, '-o', machine).status).toBe(0);
  const { status, stdout } = runCli('doctor', '--machine', machine);
  const kernel = join(folder, 'Image');
  writeFileSync(kernel, buildImage());
  const preflight = runCli('preflight', kernel, machine);
  return { status, text: joinLines(stdout), preflight: joinLines(preflight.stdout) };
}

describe('kdump-tools on Debian 13', () => {
  it('leaves no dump with the makedumpfile of Debian, and doctor says why and what to do', () => {
    const { status, text, preflight } = diagnoseRecorded(() => {});
    expect(status).toBe(1);
    expect(text).toContain(
      'dump (kdump): makedumpfile 1.7.6 (/usr/bin/makedumpfile) does not support the running kernel, which has virtual addresses of 52 bits with pages of 4K',
    );
    expect(text).toContain(
      'it says "PAGE SIZE 0x1000 and VA Bits 52 not supported", and neither log nor dump are saved',
    );
    expect(text).toContain('install the package kexec-file-makedumpfile');
    expect(text).toContain('kdump: 1 finding stops it');
    expect(preflight).toContain('on 1 machine, makedumpfile saves no dump of the kernel that runs there');
  });

  it('is in order with kexec-file in its place', () => {
    const { status, text, preflight } = diagnoseRecorded((root, files) => {
      delete files['/usr/bin/makedumpfile'];
      files['/usr/bin/kexec-file'] = 'ELF';
      mkdirSync(join(root, 'usr/bin'), { recursive: true });
      symlinkSync('kexec-file', join(root, 'usr/bin/makedumpfile'));
    });
    expect(status).toBe(0);
    expect(text).toContain('dump (kdump): /usr/bin/makedumpfile is kexec-file');
    expect(text).toContain('kdump-tools saves by makedumpfile -F -c -d 31 in /var/crash');
    expect(text).toContain('kdump: nothing stops it');
    expect(preflight).not.toContain('makedumpfile');
  });
});
