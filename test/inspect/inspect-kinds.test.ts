/** Files that commands take, and files that they make. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/formats/compression/checksums.js';
import { portableDecompress } from '../../src/formats/compression/decompress.js';
import { buildCpio } from '../../src/formats/cpio.js';
import { inspect } from '../../src/inspect/inspect-file.js';
import { MAX_LAYERS } from '../../src/kernel-file/unwrap.js';
import { buildElfcorehdr } from '../../src/kexec/build-elfcorehdr.js';
import { buildKimageElf } from '../../src/kexec/kimage-elf.js';
import { plan } from '../../src/kexec/plan-kernel.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';
import { buildMemoryRows } from '../../src/view/memory-map/map-rows.js';
import { drawMemoryMap } from '../../src/view/memory-map/map-svg.js';
import { buildCrashMachine } from '../support/crash.js';
import { buildImage } from '../support/image.js';
import { buildFlattened, buildKdump, PACKS } from '../support/kdump.js';
import { buildMachine } from '../support/machine.js';
import { readReducedVmcore } from '../support/vmcore.js';
import { server } from '../view/memory-map/samples.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const OPENING = { decompress: portableDecompress, hashes: portableHashes };
const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

describe('texts of a machine', () => {
  const CONFIG =
    '#\n# Automatically generated file; DO NOT EDIT.\n# Linux/arm64 6.12.1 Kernel Configuration\n#\nCONFIG_KEXEC=y\n# CONFIG_SMP is not set\n';

  it.each<[string, string | Uint8Array, object]>([
    [
      'iomem',
      '40000000-7fffffff : System RAM\n  40200000-413fffff : Kernel code\n  70000000-7fefffff : Crash kernel\n',
      { ram: ['0x40000000..0x80000000'], crashRegion: ['0x70000000..0x7ff00000'] },
    ],
    [
      'memblock list',
      '   0: 0x0000000040000000..0x000000007fffffff    0 NONE\n',
      { regions: ['0x40000000..0x80000000'] },
    ],
    [
      'kernel configuration',
      CONFIG,
      { kernel: 'Linux/arm64 6.12.1', set: 1, unset: 1, decides: ['CONFIG_KEXEC=y'] },
    ],
    ['VMCOREINFO', 'OSRELEASE=6.12.1\nPAGESIZE=4096\n', { release: '6.12.1', lines: 2 }],
    [
      'kernel log',
      '[    0.000000] Linux version 6.12.1 (x)\n[    0.000000] Kernel command line: quiet\n[    2.000000] Kernel panic - not syncing: x\n',
      { lines: 3, release: '6.12.1', commandLine: 'quiet', seconds: '0.000000 to 2.000000', panics: 1 },
    ],
    ['gzip file', new Uint8Array(gzipSync(CONFIG)), { contents: { kind: 'kernel configuration', set: 1 } }],
  ])('%s', async (kind, text, facts) => {
    const bytes = typeof text === 'string' ? encode(text) : text;
    expect(await inspect(bytes)).toMatchObject({ kind, facts });
  });
});

describe('dumps', () => {
  const vmcore = readReducedVmcore('debian-6.1-48bit');
  const kdump = buildKdump(vmcore, PACKS.zlib);

  it.each<[string, Uint8Array, object]>([
    ['ELF core', vmcore, { format: 'ELF', flattened: false, loads: expect.any(Array) }],
    ['compressed kdump dump', kdump, { format: 'kdump-compressed', flattened: false }],
    ['flattened dump', buildFlattened(kdump, 1 << 20), { format: 'kdump-compressed', flattened: true }],
  ])('%s: the kernel that crashed', async (kind, bytes, facts) => {
    expect(await inspect(bytes)).toMatchObject({
      kind,
      facts: { release: expect.stringMatching(/^6\.1\.\d/), memory: expect.any(String), ...facts },
    });
  });

  it('the header of a dump is named', async () => {
    const { facts } = await inspect(buildElfcorehdr(buildCrashMachine()));
    expect(facts.description).toMatch(/elfcorehdr/);
  });

  it.each([
    ['compressed kdump dump', kdump],
    ['ELF core', vmcore],
  ])('a compressed one is named, and how to unpack it: %s', async (kind, bytes) => {
    await expect(inspect(new Uint8Array(gzipSync(bytes)))).rejects.toMatchObject({
      check: 'file-kind',
      seen: `the file is a dump (${kind}) that is compressed by gzip`,
      ownCure: expect.stringMatching(/gzip -dc/),
    });
  });
});

describe('initrds, archive by archive', () => {
  const file = (name: string, text: string) =>
    ({ name, type: 'file', permissions: 0o755, bytes: encode(text) }) as const;
  const early = buildCpio([file('kernel/x86/microcode/GenuineIntel.bin', 'x')]);
  const main = buildCpio([
    file('init', '#!/bin/sh\n'),
    file('lib/modules/6.12.1/kernel/a.ko', 'a'),
    file('usr/lib/modules/6.12.1/kernel/b.ko.xz', 'b'),
    file('lib/firmware/f.bin', 'f'),
  ]);
  const padded = concat(early, new Uint8Array((4 - (early.length % 4)) % 4), new Uint8Array(gzipSync(main)));
  const members = [
    { kind: 'cpio', offset: '0x0', entries: 1, early: 'kernel/x86/microcode/GenuineIntel.bin' },
    { kind: 'gzip', entries: 4, init: '/init: a script (#!/bin/sh)', modules: '2 for 6.12.1', firmware: 1 },
  ];

  it('microcode, and a compressed archive', async () => {
    expect(await inspect(padded)).toMatchObject({ kind: 'cpio archive', facts: { initrd: { members } } });
  });

  it('of very many programs to start, and a very long link, the start', async () => {
    const links = Array.from({ length: 40 }, (_, index) => ({
      name: `${'./'.repeat(index)}init`,
      type: 'symlink' as const,
      target: 'x'.repeat(5000),
    }));
    const { facts } = await inspect(buildCpio(links));
    expect(JSON.stringify(facts).match(/a link to x{4096}[^x]/g)).toHaveLength(16);
  });

  it('an archive that is compressed as a whole', async () => {
    expect(await inspect(new Uint8Array(gzipSync(main)))).toMatchObject({
      kind: 'initrd',
      facts: { members: [members[1]] },
    });
  });
});

describe('initrds in other files', () => {
  const initrd = buildCpio([
    { name: 'init', type: 'file', permissions: 0o755, bytes: encode('#!/bin/sh\n') },
  ]);

  it('a ramdisk for U-Boot', async () => {
    expect(await inspect(buildRamdiskUimage(initrd, 'my ramdisk'))).toMatchObject({
      kind: 'uImage',
      facts: {
        type: 'a ramdisk',
        architecture: 'arm64',
        name: 'my ramdisk',
        crcs: 'hold',
        contents: { kind: 'cpio archive', initrd: { members: [{ init: '/init: a script (#!/bin/sh)' }] } },
      },
    });
  });

  it('uImages in uImages are opened to a depth', async () => {
    let file = buildRamdiskUimage(initrd, 'x');
    for (let depth = 1; depth < 500; depth += 1) file = buildRamdiskUimage(file, 'x');
    const { facts } = await inspect(file);
    expect(JSON.stringify(facts).match(/"crcs"/g)).toHaveLength(MAX_LAYERS);
  });

  it('one whose data changed is refused', async () => {
    const file = buildRamdiskUimage(initrd, 'x');
    file[100] = (file[100] ?? 0) ^ 1;
    await expect(inspect(file)).rejects.toMatchObject({ check: 'uimage' });
  });

  it('that of an Android boot image', async () => {
    const [header, kernel, ramdisk] = [new Uint8Array(4096), padPage(buildImage()), padPage(initrd)];
    header.set(encode('ANDROID!'));
    const view = new DataView(header.buffer);
    view.setUint32(8, kernel.length, true);
    view.setUint32(16, initrd.length, true);
    view.setUint32(36, 4096, true);
    expect(await inspect(concat(header, kernel, ramdisk))).toMatchObject({
      kind: 'Android boot image',
      facts: { initrdContents: { members: [{ kind: 'cpio', entries: 1 }] } },
    });
  });
});

function padPage(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4096) * 4096);
  padded.set(bytes);
  return padded;
}

/** A uImage of type 3, for arm64 and Linux, not compressed. */
function buildRamdiskUimage(data: Uint8Array, name: string): Uint8Array {
  const header = new Uint8Array(64);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x27051956);
  view.setUint32(12, data.length);
  view.setUint32(24, crc32(data));
  header.set([5, 22, 3, 0], 28);
  header.set(encode(name), 32);
  view.setUint32(4, crc32(header));
  return concat(header, data);
}

describe('what kexec-file writes', () => {
  it.each<[string, string, object]>([
    [
      'JSON of kexec-file plan',
      '{"type":"default","entry":"0x1","segments":[],"trail":[]}',
      { entry: '0x1' },
    ],
    [
      'JSON of kexec-file plan',
      '{"schema":"kexec-file/plan","version":1,"refusal":{"errno":"ENOENT","check":"file-access","detail":"x"}}',
      { reportSchema: 'kexec-file/plan', refusal: { check: 'file-access' } },
    ],
    [
      'JSON of kexec-file preflight',
      '{"file":"a","machine":"a","verdict":"loads"}\n{"file":"b","machine":"b","verdict":"refused"}\n',
      { lines: 2, verdicts: { loads: 1, refused: 1 } },
    ],
    [
      'JSON of kexec-file preflight',
      '{"machine":"a","verdict":"constructor","toString":"x"}\n{"machine":"b","verdict":"valueOf"}\n',
      { verdicts: { constructor: 1, valueOf: 1 }, first: { toString: 'x' } },
    ],
    [
      'SVG picture',
      drawMemoryMap(buildMemoryRows(server.machine, server.kimage), { title: 'x' }),
      { title: 'x' },
    ],
    [
      'HTML page of kexec-file',
      '<!doctype html>\n<title>vmlinuz on 2 machines</title><p>kexec-file preflight',
      { title: 'vmlinuz on 2 machines' },
    ],
  ])('%s', async (kind, text, facts) => {
    expect(await inspect(encode(text))).toMatchObject({ kind, facts });
  });

  it('the ELF file of a plan', async () => {
    const planned = await plan(buildImage(), { machine: buildMachine(), ...OPENING });
    if ('refusal' in planned) throw planned.refusal;
    const { kimage } = planned;
    expect(await inspect(concat(...buildKimageElf(kimage)))).toMatchObject({
      kind: 'kimage as ELF',
      facts: { entry: `0x${kimage.entry.toString(16)}`, segments: { length: kimage.segments.length } },
    });
  });
});
