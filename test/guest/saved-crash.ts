/** A machine for arm64 that crashes, and whose capture kernel saves the dump. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Range, range, subtract } from '../../src/base/range.js';
import { parseElfcorehdr } from '../../src/crash/elfcorehdr.js';
import { findCrashKernelRanges, findSystemRam, parseIomem } from '../../src/formats/iomem.js';
import { openFileSource } from '../../src/node/files/file-source.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { corpus } from '../support/corpus.js';
import { type GuestOptions, runGuest } from './guest.js';

const GIB = 1n << 30n;
const PANIC = 'Kernel panic - not syncing: sysrq triggered crash';

/** The PATH of root, which includes the folder of e2fsprogs. */
const SBIN = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

/** A target that a capture kernel saves to, and how the host reads it. */
export interface Target {
  /** Options of `crash initrd`. */
  readonly options: readonly string[];
  /** QEMU's options for the device. */
  readonly qemu: readonly string[];
  /** Returns the folder of the host with the saved files. */
  readonly fetch: () => string;
}

/** A share, for a capture kernel that has 9p and virtio as modules. */
export function share(folder: string): Target {
  const path = join(folder, 'share');
  mkdirSync(path);
  return {
    options: ['--save', '9p=dumps:/crash', '--modules', corpus.modules()],
    qemu: [
      ...['-fsdev', `local,id=share,path=${path},security_model=none`],
      ...['-device', 'virtio-9p-pci,fsdev=share,mount_tag=dumps'],
    ],
    fetch: () => join(path, 'crash'),
  };
}

/** A disk with an ext4 file system, found by its label, after a missing one and one that is too small. */
export function disk(folder: string): Target {
  const sizes = { crash: '2G', small: '64M' };
  for (const [label, size] of Object.entries(sizes)) {
    execFileSync('mke2fs', ['-q', '-t', 'ext4', '-L', label, join(folder, label), size], { env: SBIN });
  }
  const saved = join(folder, 'saved');
  return {
    options: ['small', 'elsewhere', 'crash:/var/crash'].flatMap((label) => ['--save', `label=${label}`]),
    qemu: Object.keys(sizes).flatMap((label) => [
      ...['-drive', `if=none,id=${label},format=raw,cache=unsafe,file=${join(folder, label)}`],
      ...['-device', `nvme,serial=${label},drive=${label}`],
    ]),
    fetch: () => {
      mkdirSync(saved, { recursive: true });
      const dump = `rdump /var/crash ${saved}`;
      execFileSync('debugfs', ['-R', dump, join(folder, 'crash')], { env: SBIN, stdio: 'pipe' });
      return join(saved, 'crash');
    },
  };
}

/** A crash, and what its capture kernel says. */
export interface SavedCrash {
  readonly name: string;
  readonly target: (folder: string) => Target;
  /** The capture kernel. */
  readonly kernel: 'cloud-6.12' | 'standard-6.1';
  readonly guest: Pick<GuestOptions, 'memory' | 'el' | 'commandLine' | 'qemu'> & { readonly cpus: number };
  readonly isHigh: boolean;
  /** Lines of the capture kernel before it saves. */
  readonly says: readonly RegExp[];
}

/** Formats a log as a console does: each line of a record begins with the record's time. */
function timed(log: string): string[] {
  let time = '';
  return log
    .trimEnd()
    .split('\n')
    .map((line) => {
      const own = TIME.exec(line)?.[0];
      time = own ?? time;
      return own === undefined ? time + line : line;
    });
}

const TIME = /^\[ *\d+\.\d{6}\] /;

/** The lines of a log on a console, until the next kernel takes over. */
function consoleLog(console: string): string[] {
  const lines = console.split('\r\n');
  const bye = lines.findIndex((line) => line.endsWith('] Bye!'));
  return lines.slice(0, bye + 1).filter((line) => TIME.test(line));
}

function rangesOf(path: string): { readonly dumped: Range[]; readonly text: Uint8Array } {
  const source = openFileSource(path);
  try {
    const [text, ...ram] = parseElfcorehdr(source.read(0n, 65536)).loads;
    return {
      dumped: ram.map(({ physicalAddress, memorySize }) =>
        range(physicalAddress, physicalAddress + memorySize),
      ),
      text: source.read(text?.offset ?? 0n, 64),
    };
  } finally {
    source.close();
  }
}

/** Crashes a machine, and expects that its dump was saved, has all of its memory, and can be read. */
export async function expectSavedCrash({ target, kernel, guest, isHigh, says }: SavedCrash): Promise<void> {
  const folder = makeTemporaryFolder();
  const { options, qemu, fetch } = target(folder);
  const initrd = join(folder, 'initrd');
  const built = runCli(
    ...['crash', 'initrd', '-o', initrd, '--busybox', corpus.busybox(), '--wait', '1', '--then', 'poweroff'],
    ...options,
  );
  expect(built).toEqual({
    status: 0,
    stdout: '',
    stderr: expect.stringMatching(/^\S+initrd: [\d.]+ [KM]iB, an initrd for arm64 that saves to \S.*\n$/),
  });

  const { output, console } = await runGuest({
    ...guest,
    commandLine: `${guest.commandLine} loglevel=8`,
    qemu: [...(guest.qemu ?? []), ...qemu],
    files: { '/boot/vmlinuz': corpus.kernel(kernel), '/boot/initrd': initrd, '/boot/shim': corpus.shim() },
    script: `
      kexec-file load /boot/vmlinuz --initrd /boot/initrd --capture-cmdline --syscall segments --keyring /boot/shim
      cat /sys/kernel/kexec_crash_loaded
      cat /proc/iomem
      sleep 2 # a crash does not wait for the serial port, which may still be printing
      echo c > /proc/sysrq-trigger`,
  });
  const [loaded, start, state, ...iomem] = output.slice(output.indexOf('loaded ')).split('\n');
  expect([loaded, start, state]).toEqual([
    expect.stringMatching(/^loaded vmlinuz \(Linux .*\) with initrd, .* by kexec_load$/),
    'it starts when this kernel crashes; kexec-file unload --panic unloads it',
    '1',
  ]);
  const said = [...console.matchAll(/^kexec-file capture: (.*)\r$/gm)].map(([, line]) => line);
  for (const line of says) expect(said).toContainEqual(expect.stringMatching(line));
  expect(said.at(-1)).toBe('poweroff');

  const fetched = fetch();
  const [name = ''] = readdirSync(fetched);
  const saved = join(fetched, name);
  expect(readdirSync(saved).sort()).toEqual(['capture-dmesg', 'machine.tar', 'vmcore']);
  const vmcore = join(saved, 'vmcore');

  // All RAM outside the crash regions, with the kernel in it: its Image header is there.
  const resources = parseIomem(iomem.join('\n'));
  const regions = findCrashKernelRanges(resources);
  expect(regions.map(({ start }) => start >= 4n * GIB)).toEqual(isHigh ? [false, true] : [false]);
  const { dumped, text } = rangesOf(vmcore);
  expect(dumped).toEqual(findSystemRam(resources).flatMap((ram) => subtract([ram], regions)));
  expect(text).toEqual(new Uint8Array(readFileSync(corpus.cloudKernel()).subarray(0, 64)));

  const info = JSON.parse(runCli('vmcore', 'info', vmcore, '--json').stdout);
  expect(info).toMatchObject({ panic: PANIC, problems: [], crashTime: expect.any(Number) });
  expect(info.release).toBe(corpus.cloudKernel().replace(/^.*vmlinuz-/, ''));
  expect(info.cpus).toHaveLength(guest.cpus);

  const log = runCli('vmcore', 'dmesg', vmcore);
  expect(log).toMatchObject({ status: 0, stderr: '' });
  const lines = timed(log.stdout);
  // The first record, "Booting Linux on physical CPU", may share its line with the firmware's output.
  const others = lines.slice(1);
  expect(consoleLog(console).slice(-others.length)).toEqual(others);
  expect(console).toContain(lines[0]);
  expect(lines.slice(-30).filter((line) => line.endsWith(PANIC))).toHaveLength(1);

  expect(runCli('crash', 'lint', vmcore)).toMatchObject({ status: 0, stderr: '' });
  const readelf = execFileSync('readelf', ['-aW', vmcore], { encoding: 'utf8', stdio: 'pipe' });
  expect(readelf).toContain('CORE (Core file)');
  expect(readelf).not.toMatch(/warning|error/i);

  const machine = join(folder, 'machine.json');
  expect(runCli('machine', 'record', '--from', join(saved, 'machine.tar'), '-o', machine).status).toBe(0);
  expect(JSON.parse(readFileSync(machine, 'utf8')).commandLine).toMatch(/nr_cpus=1 reset_devices/);
}
