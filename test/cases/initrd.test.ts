import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MIB } from '../../src/base/u64.js';
import { measureInitrdRoom } from '../../src/crash/initrd-room.js';
import type { Finding } from '../../src/doctor/finding.js';
import { openIntendedKernel } from '../../src/doctor/open-intended-kernel.js';
import { buildCpio } from '../../src/formats/cpio.js';
import { checkInitrdStart } from '../../src/kernel-file/initrd/first-bytes.js';
import { readInitrd } from '../../src/kernel-file/initrd/read-initrd.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { readAnswers } from '../conformance/initrd/recorded-initrds.js';
import { joinLines, makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildCrashMachine } from '../support/crash.js';
import { listFindings } from '../support/doctor.js';
import { buildImage } from '../support/image.js';

const FIELD = join(import.meta.dirname, 'field');
const ANSWERS = new Map(readAnswers().map(({ name, bytes }) => [name, bytes]));
const recorded = (name: string): Uint8Array => ANSWERS.get(name) as Uint8Array;
const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const zeros = (count: number): Uint8Array => new Uint8Array(count);

const CPIO = buildCpio([{ name: 'init', type: 'file', bytes: new TextEncoder().encode('#!/bin/sh\n') }]);

/** Larger than what a plan unpacks of an initrd. */
const LARGE_CPIO = buildCpio([{ name: 'init', type: 'file', bytes: new Uint8Array(5 << 20).fill(1) }]);

function doctor(field: string, initrd: string, ...more: readonly string[]) {
  const folder = join(FIELD, field);
  const options = ['--initrd', join(folder, initrd), '--machine', 'qemu-virt', ...more];
  return runCli('doctor', join(folder, 'Image'), ...options);
}

/** What doctor finds about an initrd for `kexec`, the worst first. */
async function diagnose(initrd: Uint8Array, panic = false): Promise<Finding[]> {
  const opening = { decompress: nodeDecompress, hashes: nodeHashes };
  const intended = await openIntendedKernel({ kernel: buildImage(), initrd, panic }, opening);
  return listFindings('initrd', buildCrashMachine(), intended);
}

describe('an initrd that the kernel cannot unpack stops it', () => {
  it.each([
    ['27-initrd-xz-check', 'xz-crc64', /integrity check is CRC64.*cure +compress it with xz --check=crc32/],
    [
      '27-initrd-xz-check',
      'xz-sha256',
      /integrity check is SHA-256.*cure +compress it with xz --check=crc32/,
    ],
    ['29-initrd-cut-short', 'cut.gz', /compressed with gzip is cut short or damaged.*cure +build it again/],
    ['07-uinitrd', 'uInitrd', /a uImage \(ramdisk\).*cure +take the initrd out of it/],
    ['07-uinitrd', 'Image', /the initrd: it is an arm64 Image/],
  ])('field/%s: %s', (field, initrd, wanted) => {
    const { status, stdout } = doctor(field, initrd);
    expect(joinLines(stdout)).toMatch(wanted);
    expect(status).toBe(1);
  });

  it('field/27: with CRC32, xz stops nothing', () => {
    const { status, stdout } = doctor('27-initrd-xz-check', 'xz-crc32');
    expect(stdout).not.toContain('the kernel cannot unpack');
    expect(status).toBe(0);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['xz with a filter', recorded('xz with delta filter'), /the filter delta/],
    [
      'xz with CRC64 behind an early archive',
      recorded('early cpio, xz with CRC64'),
      /CRC64.*at offset 0x600/,
    ],
    ['lz4 frames', recorded('early cpio, lz4 frame'), /frame format of lz4/],
    ['a zstd window', recorded('zstd with a window of 256 MiB'), /its window has 2\^28 bytes/],
    ['gzip with a comment', recorded('gzip with a comment'), /a comment/],
    ['a cut cpio', CPIO.slice(0, 114), /the archive ends within an entry/],
    ['a cut header', CPIO.slice(0, 60), /ends within an entry's header/],
    [
      'a cut cpio in gzip',
      gzipSync(CPIO.slice(0, 114)),
      /in the data compressed with gzip: the archive ends/,
    ],
    [
      'a cut second member',
      concat(gzipSync(CPIO), gzipSync(CPIO).subarray(0, 40)),
      /cut short or damaged.*offset/,
    ],
    [
      'trailing text',
      concat(gzipSync(CPIO), Buffer.from('-----BEGIN')),
      /what follows an archive is no archive|it is /,
    ],
    ['trailing 0xff', concat(CPIO, Buffer.alloc(64, 0xff)), /what follows an archive is no archive/],
    ['a plain archive at 1 mod 4', recorded('gzip, then cpio at 1 mod 4'), /1 bytes after a multiple of 4/],
    ['gzip of gzip', gzipSync(gzipSync(CPIO)), /compressed by gzip, and no cpio archive/],
    ['a compressed Image', gzipSync(buildImage()), /it is an arm64 Image, and no cpio archive/],
    ['a device tree', recorded('device tree'), /it is a device tree/],
    ['odc format', recorded('gzip of odc format'), /odc format/],
  ])('%s', async (_, initrd, wanted) => {
    const [worst] = await diagnose(initrd);
    expect(worst?.severity).toBe('stops');
    expect(worst?.fact).toMatch(wanted);
  });

  it.each<[string, Uint8Array]>([
    ['zeros after it', concat(gzipSync(CPIO), zeros(4096 - 3))],
    ['an early archive', concat(CPIO, zeros(512), gzipSync(CPIO))],
    ['no trailer', CPIO.slice(0, 128)],
  ])('%s stops nothing', async (name, initrd) => {
    const findings = await diagnose(initrd);
    expect(findings.map(({ severity }) => severity)).not.toContain('stops');
    const isWarned = findings.some(({ fact }) => fact.includes('has no trailer'));
    expect(isWarned).toBe(name === 'no trailer');
  });

  it('a method that the configuration lacks', async () => {
    const opening = { decompress: nodeDecompress, hashes: nodeHashes };
    const intended = {
      kernel: buildImage(),
      initrd: recorded('xz alone'),
      options: { RD_GZIP: 'y', BLK_DEV_INITRD: 'y' },
    };
    const [worst] = listFindings('initrd', buildCrashMachine(), await openIntendedKernel(intended, opening));
    expect(worst).toMatchObject({ severity: 'stops', fact: expect.stringContaining('no CONFIG_RD_XZ') });
  });
});

describe('field/24: an initrd is unpacked into half of the memory', () => {
  const folder = join(FIELD, '24-initrd-in-tmpfs');
  const files = [join(folder, 'Image'), '--initrd', join(folder, 'initrd.gz')];
  const recordMachine = (): string => {
    const machine = join(makeTemporaryFolder(), 'm.json');
    expect(runCli('machine', 'record', '--from', join(folder, 'noroot'), '-o', machine).status).toBe(0);
    return machine;
  };

  it('doctor: a crash region that is too small stops kdump', () => {
    const { status, stdout } = runCli(
      'doctor',
      ...files,
      '--machine',
      recordMachine(),
      '--panic',
      '--policy',
      'permissive',
    );
    expect(joinLines(stdout)).toMatch(
      /the initrd's files take 190M, and only 17\dM of the crash region of 352M/,
    );
    expect(status).toBe(1);
  });

  it('doctor: with root= it is a ramfs', () => {
    const { stdout } = runCli(
      'doctor',
      ...files,
      '--machine',
      recordMachine(),
      '--panic',
      '--command-line',
      'root=/dev/vda',
    );
    expect(stdout).not.toMatch(/the initrd's files take/);
  });

  it('doctor: initramfs_options= makes it a warning, as older kernels do not know it', () => {
    const line = 'initramfs_options=size=90%';
    const options = [
      '--machine',
      recordMachine(),
      '--panic',
      '--policy',
      'permissive',
      '--command-line',
      line,
    ];
    const { stdout } = runCli('doctor', ...files, ...options, '--json');
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    expect(findings.find(({ fact }) => fact.includes("the initrd's files take"))?.severity).toBe('warns');
  });

  it('crash estimate: the tmpfs counts', () => {
    const { stdout } = runCli('crash', 'estimate', ...files, '--machine', recordMachine(), '--json');
    const { reserve, parts } = JSON.parse(stdout) as { reserve: string; parts: { what: string }[] };
    expect(BigInt(reserve)).toBeGreaterThanOrEqual(384n * MIB);
    expect(parts.map(({ what }) => what)).toContain('room in the tmpfs');
  });

  it.each([
    ['', 500n],
    ['root=/dev/vda', 1000n],
    ['root=', 500n],
    ['rootfstype=ext4', 1000n],
    ['root=/dev/vda rootfstype=tmpfs', 500n],
    ['initramfs_options=size=90%', 900n],
    ['initramfs_options=mode=755,size=300M', 300n],
    ['-- root=/dev/vda', 500n],
  ])('the room with "%s"', (commandLine, mebibytes) => {
    const memory = { memory: 1024n * MIB, kernel: 4n * MIB, packed: 4n * MIB, pageSize: 4096n, usualCma: 0n };
    expect(measureInitrdRoom(memory, commandLine).bytes).toBe(mebibytes * MIB);
  });
});

describe('plan', () => {
  it.each([
    ['27-initrd-xz-check', 'xz-crc64', /initrd-settings .*CRC64/],
    ['07-uinitrd', 'uInitrd', /initrd-kind .*a uImage \(ramdisk\)/],
    ['07-uinitrd', 'Image', /initrd-kind .*an arm64 Image/],
    ['29-initrd-cut-short', 'cut.gz', /initrd-whole .*cut short/],
  ])('field/%s: notes what the next kernel cannot unpack of %s, and loads it', (field, initrd, wanted) => {
    const folder = join(FIELD, field);
    const options = ['--initrd', join(folder, initrd), '--machine', 'qemu-virt', '--command-line', 'quiet'];
    const { status, stdout } = runCli('plan', join(folder, 'Image'), ...options);
    expect(joinLines(stdout)).toMatch(wanted);
    expect(status).toBe(0);
  });

  it('looks at the structure of a large initrd, which gzip does not show', () => {
    const initrd = join(makeTemporaryFolder(), 'initrd');
    const bytes = gzipSync(LARGE_CPIO, { level: 0 });
    const image = join(FIELD, '07-uinitrd', 'Image');
    const plan = (content: Uint8Array): string => {
      writeFileSync(initrd, content);
      return runCli('plan', image, '--initrd', initrd, '--json').stdout;
    };
    expect(plan(bytes.subarray(0, -20))).not.toContain('initrd-whole');
    expect(plan(bytes.subarray(0, 1 << 20))).toContain('initrd-whole');
    expect(plan(LARGE_CPIO.subarray(0, -4096))).toContain('the archive ends within an entry');
    expect(checkInitrdStart(bytes)).toBeUndefined();
  });
});

describe('inspect', () => {
  it('shows an initrd archive by archive', () => {
    const file = join(makeTemporaryFolder(), 'initrd');
    writeFileSync(file, concat(CPIO, gzipSync(CPIO)));
    const { initrd } = JSON.parse(runCli('inspect', file, '--json').stdout);
    expect(initrd.members).toMatchObject([
      { kind: 'cpio', offset: '0x0', entries: 1 },
      { kind: 'gzip', offset: '0x200', entries: 1 },
    ]);
  });

  it('field/27: names the check of xz', () => {
    const { stdout } = runCli('inspect', join(FIELD, '27-initrd-xz-check', 'xz-crc64'));
    expect(stdout).toContain('its integrity check is CRC64');
  });
});

describe('work is bounded', () => {
  const read = (initrd: Uint8Array) => readInitrd(initrd, nodeDecompress);

  it('500,000 names', async () => {
    const entry = CPIO.slice(0, 128);
    const archive = zeros(entry.length * 500_000);
    for (let at = 0; at < archive.length; at += entry.length) archive.set(entry, at);
    expect((await read(archive)).entries).toBe(500_000);
    expect((await read(gzipSync(archive, { level: 1 }))).entries).toBe(500_000);
  });

  it('a decompression bomb', async () => {
    const { bound, isWhole } = await read(gzipSync(Buffer.alloc(400 << 20), { level: 1 }));
    expect(isWhole).toBe(false);
    expect(bound?.seen).toMatch(/unpacks to more than 192 MiB/);
  });

  it('thousands of archives', async () => {
    const { bound } = await read(concat(...Array.from({ length: 3000 }, () => gzipSync(CPIO))));
    expect(bound?.seen).toBe('it has more than 256 archives');
  });
});

it('the cases are as they were reported', () => {
  expect(readFileSync(join(FIELD, '27-initrd-xz-check', 'xz-crc64'))[7]).toBe(4);
});
