import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseCpio } from '../../../src/formats/cpio.js';
import type { QemuOptions } from '../../../src/machine/machine-facts.js';
import { GUEST_MARK } from '../../../src/node/qemu/guest-archive.js';
import { recordBooted } from '../../../src/node/qemu/record-booted.js';
import { buildBzimage } from '../../support/bzimage.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { buildImage } from '../../support/image.js';
import { readX86Files } from '../../support/x86-machine.js';

const QEMU: QemuOptions = { machine: 'q35', cpu: 'qemu64', memory: '2G', cpus: 2 };
const REQUEST = {
  qemu: QEMU,
  firmware: 'none',
  kernel: buildBzimage(),
  busybox: Uint8Array.of(1, 2, 3),
  commandLine: 'crashkernel=256M',
  timeout: 60,
} as const;

afterEach(() => {
  vi.unstubAllEnvs();
});

/**
 * Puts a program into PATH in the place of QEMU for x86_64. It prints a console, and keeps its arguments and the guest's
 * archive.
 */
function replaceQemu(console: string): { args: () => string[]; archive: () => Uint8Array } {
  const folder = makeTemporaryFolder();
  const [program, said, args, archive] = ['qemu-system-x86_64', 'said', 'args', 'archive'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  writeFileSync(said, console);
  writeFileSync(
    program,
    `#!/bin/sh
printf '%s\\n' "$@" >'${args}'
while [ "$1" != -initrd ]; do shift; done
cp "$2" '${archive}'
cat '${said}'
`,
  );
  chmodSync(program, 0o755);
  vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
  return {
    args: () => readFileSync(args, 'utf8').trimEnd().split('\n'),
    archive: () => new Uint8Array(readFileSync(archive)),
  };
}

/** The console of a guest that reports the files of a PC. */
async function buildConsole(): Promise<string> {
  const entries = Object.entries(readX86Files('x86-64-seabios')).map(([name, body]) => ({
    header: { name, size: Buffer.from(body).length },
    body: Buffer.from(body),
  }));
  const facts = gzipSync(await packTar(entries)).toString('base64');
  const lines = ['up 6.12.1', 'facts', ...(facts.match(/.{1,76}/g) ?? [])];
  const marked = lines.map((line, index) => (index < 2 ? `${GUEST_MARK} ${line}` : line));
  return `SeaBIOS\r\n${[...marked, `${GUEST_MARK} end`].join('\r\n')}\r\n`;
}

describe('a machine of QEMU that boots to be recorded', () => {
  it('is what its kernel reports, with the options that describe it', async () => {
    const { args } = replaceQemu(await buildConsole());
    const machine = await recordBooted(REQUEST);
    expect(machine).toMatchObject({
      architecture: 'x86_64',
      name: 'qemu-q35',
      memorySource: 'iomem',
      possibleCpus: 2,
      qemu: QEMU,
    });
    const given = args();
    const readOption = (option: string): string | undefined => given[given.indexOf(option) + 1];
    expect(readOption('-M')).toBe('q35');
    expect(readOption('-m')).toBe('2G');
    expect(readOption('-append')).toBe('console=ttyS0 panic=-1 crashkernel=256M');
    expect(given).not.toContain('-drive');
  });

  it('says why it lacks the purgatory of a kernel whose file has none', async () => {
    replaceQemu(await buildConsole());
    const kernel = buildBzimage({ build: '6.12.117+deb12-cloud-amd64 (x) #1' });
    const { unknown } = await recordBooted({ ...REQUEST, kernel });
    expect(unknown).toContainEqual({
      fact: 'purgatory',
      reason: expect.stringContaining('names no payload'),
    });
  });

  it('runs the collector by busybox, and powers off', async () => {
    const { archive } = replaceQemu(await buildConsole());
    await recordBooted(REQUEST);
    const { entries } = parseCpio(archive());
    const read = (name: string): string =>
      Buffer.from(entries.find((entry) => entry.name === name)?.bytes ?? []).toString('latin1');
    expect(read('bin/busybox')).toBe('\x01\x02\x03');
    expect(read('collect.sh')).toMatch(/^#!\/bin\/sh\n/);
    expect(read('init')).toMatch(/^#!\/bin\/busybox sh\n[\s\S]*sh \/collect\.sh[\s\S]*\npoweroff -f\n$/);
  });

  it('is refused with the last lines of a guest that reports nothing', async () => {
    replaceQemu('SeaBIOS\r\nKernel panic - not syncing: VFS\r\n');
    await expect(recordBooted(REQUEST)).rejects.toMatchObject({
      check: 'qemu-run',
      errno: 'EINVAL',
      seen: expect.stringMatching(/powered off, and had not reported .*Kernel panic - not syncing: VFS$/),
      cure: expect.stringContaining('a 16550'),
    });
  });

  it('is refused for a kernel of another architecture, before QEMU starts', async () => {
    const refused = { check: 'kernel-file', errno: 'ENOEXEC' };
    await expect(recordBooted({ ...REQUEST, kernel: buildImage() })).rejects.toMatchObject(refused);
    const qemu = { ...QEMU, machine: 'virt', cpu: 'cortex-a57' };
    await expect(recordBooted({ ...REQUEST, qemu })).rejects.toMatchObject(refused);
  });

  it('is refused without QEMU, with the name of its package', async () => {
    vi.stubEnv('PATH', makeTemporaryFolder());
    await expect(recordBooted(REQUEST)).rejects.toMatchObject({
      check: 'qemu-run',
      errno: 'ENOENT',
      seen: expect.stringContaining('apt-get install qemu-system-x86'),
    });
  });
});
