/** Crashes PCs with a capture kernel that saves the dump, and compares how the dump is read. */
import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { findCrashKernelRanges, parseIomem } from '../../src/formats/iomem.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { compareDumps } from '../support/compare-dumps.js';
import { corpus } from '../support/corpus.js';
import { runPackageProgram, runX86Makedumpfile } from '../support/package-program.js';
import { type GuestOptions, runGuest } from './guest.js';
import { findGuestKernel, type GuestKernel } from './platforms.js';
import { steps } from './steps.js';

const PANIC = 'Kernel panic - not syncing: sysrq triggered crash';

const GIB = 1n << 30n;

/** A PC, and how its capture kernel, which is the same, is loaded. */
interface CrashedPc {
  readonly kernel: GuestKernel;
  readonly guest: Pick<GuestOptions, 'qemu' | 'cpu'> & {
    readonly cpus: number;
    /** In GiB. */
    readonly memory: number;
    readonly commandLine: string;
  };
  /** Options of `load`. */
  readonly load: string;
  /** For each crash region, whether it is above 4 GiB. */
  readonly areHigh: readonly boolean[];
}

/** A crash, and what makedumpfile 1.7.2 has to keep of its dump, too. */
export interface CapturedCrash extends CrashedPc {
  readonly name: string;
  /** Its levels for which it knows the kernel: of the slabs of Linux 6.12 it takes some for memory of processes. */
  readonly levels: readonly number[];
}

/** With crash regions above and below 4 GiB. */
export const HIGH_AND_LOW = {
  kernel: 'cloud-6.12:amd64',
  guest: { memory: 5, cpus: 2, commandLine: 'crashkernel=256M,high crashkernel=128M,low' },
  areHigh: [false, true],
} as const;

/** Has a PC crash, and expects that its dump is read as by others. */
export async function expectCapturedCrash({ levels, ...pc }: CapturedCrash): Promise<void> {
  const vmcore = await crashPc(pc);
  expectReport(vmcore, pc);
  expectSelections(vmcore, levels);
}

/** Has a PC crash. @returns the path of its dump */
async function crashPc({ kernel, guest, load, areHigh }: CrashedPc): Promise<string> {
  const folder = makeTemporaryFolder();
  const [initrd, disk] = [join(folder, 'initrd'), join(folder, 'vmcore')];
  const target = ['--save', 'raw=/dev/nvme0n1', '--then', 'poweroff'];
  expect(runCli('crash', 'initrd', '-o', initrd, '--busybox', corpus.x86Busybox(), ...target).status).toBe(0);
  writeFileSync(disk, '');
  truncateSync(disk, Number(BigInt(guest.memory) * GIB));

  const { output, console } = await runGuest({
    ...guest,
    kernel,
    memory: `${guest.memory}G`,
    qemu: [
      ...(guest.qemu ?? []),
      ...['-drive', `if=none,id=dump,format=raw,cache=unsafe,file=${disk}`],
      ...['-device', 'nvme,serial=dump,drive=dump'],
    ],
    files: { '/boot/vmlinuz': findGuestKernel(kernel), '/boot/initrd': initrd, '/boot/shim': corpus.shim() },
    script: `
      # UEFI firmware prints to this port, too.
      echo
      ln -s vmlinuz "/boot/vmlinuz-$(uname -r)"
      echo '== load'
      kexec-file load /boot/vmlinuz --initrd /boot/initrd --capture-cmdline --panic ${load}
      cat /sys/kernel/kexec_crash_loaded
      echo '== iomem'
      cat /proc/iomem
      echo '== crash'
      sleep 2 # a crash does not wait for the serial port, which may still be printing
      echo c > /proc/sysrq-trigger`,
  });
  const said = steps(output);
  expect(said.get('load'), `${output}${console}`).toMatch(/^loaded vmlinuz \(Linux (.*\n)*1\n$/m);
  const regions = findCrashKernelRanges(parseIomem(said.get('iomem') ?? ''));
  expect(regions.map(({ start }) => start >= 4n * GIB)).toEqual(areHigh);
  const [, size = ''] = /^kexec-file capture: saved (\d+) bytes as \/dev\/nvme0n1\r$/m.exec(console) ?? [];
  expect(size, console).not.toBe('');
  truncateSync(disk, Number(size));
  return disk;
}

/** Expects a dump to say what happened, and its log to be the one that kexec-tools' program reads. */
function expectReport(vmcore: string, { kernel, guest }: CrashedPc): void {
  const info = JSON.parse(runCli('vmcore', 'info', vmcore, '--json').stdout);
  expect(info).toMatchObject({ panic: PANIC, problems: [], crashTime: expect.any(Number) });
  expect(info.cpus).toHaveLength(guest.cpus);
  expect(findGuestKernel(kernel)).toContain(info.release);
  expect(runCli('crash', 'lint', vmcore)).toMatchObject({ status: 0, stderr: '' });
  const log = runPackageProgram('kexec-tools:amd64', 'sbin/vmcore-dmesg', vmcore);
  expect(log).toContain(PANIC);
  expect(runCli('vmcore', 'dmesg', vmcore)).toEqual({ status: 0, stdout: log, stderr: '' });
}

/** Expects the pages that makedumpfile keeps at dump levels, and files of the size that its files have. */
function expectSelections(vmcore: string, levels: readonly number[]): void {
  const [ours, theirs] = ['ours', 'theirs'].map((name) => `${vmcore}-${name}`) as [string, string];
  const differences = levels.flatMap((level) => {
    const options = ['--filter', String(level), '--compress', 'none', '--force'];
    expect(runCli('vmcore', 'save', vmcore, '-o', ours, ...options)).toMatchObject({ status: 0 });
    runX86Makedumpfile('-f', '-d', String(level), vmcore, theirs);
    const [size, expected] = [ours, theirs].map((path) => statSync(path).size);
    return [
      ...compareDumps(ours, theirs, false),
      ...(size === expected ? [] : [`${size} bytes, and makedumpfile's ${expected}`]),
    ].map((what) => `dump level ${level}: ${what}`);
  });
  expect(differences).toEqual([]);
}
