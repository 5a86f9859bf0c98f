/** Files that are no kernel for arm64: each command names them, and says what to do. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { attempt, KexecError } from '../../src/base/error.js';
import { nameFile } from '../../src/formats/foreign/name-file.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { parseKeyringFile } from '../../src/trust/keyrings/keyring-file.js';
import { buildTrustStore } from '../../src/trust/keyrings/trust-store.js';
import { verify } from '../../src/trust/verify-signature.js';
import { openVmcore } from '../../src/vmcore/open/open-vmcore.js';
import { buildImage } from '../support/image.js';
import { tryInspect, tryPlan } from '../support/kernel-trials.js';
import { buildPe } from '../support/pe.js';

const FOLDER = join(import.meta.dirname, 'field/08-android-boot-image');
const PKCS12 = join(import.meta.dirname, 'field/25-pkcs12');

/** A file with texts (one byte a character) at offsets, and zeros between. */
function fileWith(...parts: readonly (readonly [number, string])[]): Uint8Array {
  const length = Math.max(4096, ...parts.map(([at, text]) => at + text.length));
  const file = Buffer.alloc(length);
  for (const [at, text] of parts) file.write(text, at, 'latin1');
  return new Uint8Array(file);
}

const elf = (type: number, machine: number): Uint8Array =>
  fileWith([0, '\x7fELF\x02\x01\x01'], [16, String.fromCharCode(type, 0, machine, 0)]);

function buildBzImage(version: string): Uint8Array {
  return fileWith([510, '\x55\xaa'], [0x202, 'HdrS'], [0x20e, '\x00\x02'], [0x400, `${version}\0`]);
}

function concat(file: Uint8Array, text: string): Uint8Array {
  return new Uint8Array(Buffer.concat([file, Buffer.from(text, 'latin1')]));
}

const kernelPart = { name: '.text', bytes: new Uint8Array(64) };
const cmdlinePart = { name: '.cmdline', bytes: new TextEncoder().encode('quiet') };

const FILES: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['field/08: zImage', new Uint8Array(readFileSync(join(FOLDER, 'zImage'))), /kernel for 32-bit Arm/],
  ['a big-endian zImage', fileWith([0x24, '\x01\x6f\x28\x18']), /kernel for 32-bit Arm/],
  ['a bzImage', fileWith([510, '\x55\xaa'], [0x202, 'HdrS']), /kernel for x86/],
  ['a kernel for RISC-V', fileWith([0x38, 'RSC\x05']), /kernel for RISC-V/],
  ['a vmlinux for x86-64', elf(2, 62), /ELF file for x86-64/],
  ['a kernel module', elf(1, 183), /an object, such as a kernel module/],
  ['vendor_boot', fileWith([0, 'VNDRBOOT']), /Android vendor_boot/],
  ['an Android sparse image', fileWith([0, '\x3a\xff\x26\xed']), /Android sparse image/],
  ['squashfs', fileWith([0, 'hsqs']), /squashfs/],
  ['an ISO image', fileWith([0x8001, 'CD001']), /ISO 9660/],
  ['qcow2', fileWith([0, 'QFI\xfb']), /qcow2/],
  ['a GPT disk', fileWith([510, '\x55\xaa'], [512, 'EFI PART']), /GUID partition table/],
  ['an MBR disk', fileWith([450, '\x83'], [510, '\x55\xaa']), /boot sector/],
  ['ext4', fileWith([0x438, '\x53\xef\x01\x00\x01\x00']), /ext4/],
  ['a LUKS volume', fileWith([0, 'LUKS\xba\xbe']), /LUKS/],
  ['a tar archive', fileWith([257, 'ustar']), /tar archive/],
  ['a Debian package', fileWith([0, '!<arch>\ndebian-binary']), /Debian package/],
  ['an RPM package', fileWith([0, '\xed\xab\xee\xdb']), /RPM/],
  ['LiME', fileWith([0, 'EMiL\x01\x00']), /LiME/],
  ['a state saved by libvirt', fileWith([0, 'LibvirtQemudSave']), /libvirt/],
  ['a kdump file', fileWith([0, 'KDUMP   ']), /compressed kdump/],
  ['a PEM certificate', fileWith([0, '-----BEGIN CERTIFICATE-----\nMIIB\n']), /PEM file \(CERTIFICATE\)/],
  ['a private key', fileWith([0, '-----BEGIN PRIVATE KEY-----\nMIIB\n']), /PEM file \(PRIVATE KEY\)/],
  ['PKCS#12', fileWith([0, '0\x82\x05\x00\x02\x01\x030\x82']), /PKCS#12/],
  ['field/25: c.p7b', new Uint8Array(readFileSync(join(PKCS12, 'c.p7b'))), /PKCS#7|PEM file/],
  [
    'a certificate in DER',
    fileWith([0, '0\x82\x05\x000\x82\x04\x00\xa0\x03\x02\x01\x02']),
    /certificate in DER/,
  ],
  ['an EC key in DER', fileWith([0, '0\x77\x02\x01\x01\x04\x20']), /private key in DER/],
  ['an RSA key in DER', fileWith([0, '0\x82\x04\xa4\x02\x01\x00\x02\x82']), /private key in DER/],
  ['an encrypted key in DER', fileWith([0, '0\x82\x02\xd4\x30\x4e\x06\x09']), /encrypted private key in DER/],
  [
    'a request for a certificate',
    fileWith([0, '0\x82\x02\xd4\x30\x82\x01\xbc\x02\x01\x00']),
    /request for a certificate/,
  ],
  ['a kernel partition of ChromeOS', fileWith([0, 'CHROMEOS']), /ChromeOS/],
  ['a kernel with a header of MediaTek', fileWith([0, '\x88\x16\x88\x58']), /MediaTek/],
  [
    'a configuration',
    fileWith([0, '#\n# Automatically generated file; DO NOT EDIT.\n']),
    /configuration of a kernel/,
  ],
  ['a web page', fileWith([0, '<!DOCTYPE html>']), /web page/],
  ['a pointer of Git LFS', fileWith([0, 'version https://git-lfs.github.com/spec/v1\n']), /Git LFS/],
  ['zeros', new Uint8Array(5000), /begins with zeros/],
];

/** Files of these that `inspect` reads, or refuses in the words of their parsers: here they are beginnings alone. */
const READ_BY_INSPECT = [
  'a bzImage',
  'a vmlinux for x86-64',
  'a kdump file',
  'PKCS#12',
  'field/25: c.p7b',
  'a certificate in DER',
  'an EC key in DER',
  'an RSA key in DER',
];

/** Other words for the same in the three commands: `inspect` also reads some of these files. */
const refusalOf = (result: string | KexecError): KexecError => {
  if (result instanceof KexecError) return result;
  throw new Error(`not refused: ${result}`);
};

describe('unknown files are named', () => {
  it.each(FILES)('%s', async (label, file, name) => {
    const { refusal } = await tryPlan(file);
    expect(refusal?.seen).toMatch(name);
    expect(refusal?.ownCure).toBeDefined();

    const result = await tryInspect(file);
    if (READ_BY_INSPECT.includes(label)) {
      expect(result).not.toMatchObject({ check: 'file-kind' });
    } else {
      const inspected = refusalOf(result);
      expect(inspected.seen).toMatch(name);
      expect(inspected.ownCure).toBe(refusal?.ownCure);
    }

    const verdict = verify(file, { trust: buildTrustStore([], nodeHashes), hashes: nodeHashes });
    expect(verdict).toMatchObject({ verdict: 'refused', detail: expect.stringMatching(name) });
  });

  it.each<[string, Uint8Array, RegExp]>([
    [
      'a PE file for x86-64',
      changeMachine(buildPe({ sections: [kernelPart] }), 0x8664),
      /PE file for x86-64/,
    ],
    ['an addon of a UKI', buildPe({ sections: [cmdlinePart] }), /UKI without a kernel/],
    ['a program for DOS', fileWith([0, 'MZ']), /program for DOS/],
    ['an initrd', fileWith([0, `070701${'0'.repeat(104)}`]), /cpio archive: an initrd/],
    ['a device tree', fileWith([0, '\xd0\x0d\xfe\xed']), /device tree/],
  ])('plan names what inspect can read: %s', async (_, file, name) => {
    const { refusal } = await tryPlan(file);
    expect(refusal?.message).toMatch(name);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['gzip of a kdump file', gzipSync(fileWith([0, 'KDUMP   '])), /compressed kdump/],
    ['gzip of an ELF core', gzipSync(elf(4, 183)), /a core: a dump/],
    ['gzip of LiME', gzipSync(fileWith([0, 'EMiL\x01\x00'])), /LiME/],
    ['gzip of a tar archive', gzipSync(fileWith([257, 'ustar'])), /tar archive/],
    ['gzip of an initrd', gzipSync(fileWith([0, `070701${'0'.repeat(104)}`])), /cpio archive: an initrd/],
  ])('%s', async (_, file, name) => {
    const { refusal } = await tryPlan(file);
    expect(refusal?.seen).toMatch(name);
    expect(refusal?.ownCure).toMatch(/^unpack it \(gzip -dc FILE\), and then: /);
  });

  it.each<[string, Uint8Array, RegExp, RegExp]>([
    ['LiME', fileWith([0, 'EMiL\x01\x00']), /LiME.*compressed by gzip/, /gzip -dc/],
    ['a tar archive', fileWith([257, 'ustar']), /a tar archive, compressed by gzip/, /gzip -dc/],
    ['a text', new TextEncoder().encode('Dear reader, this is a text.'), /"Dear reader, this/, /gzip -dc/],
  ])('inspect names what gzip compressed: %s', async (_, file, name, cure) => {
    const refusal = refusalOf(await tryInspect(new Uint8Array(gzipSync(file))));
    expect(refusal).toMatchObject({ check: 'file-kind', ownCure: expect.stringMatching(cure) });
    expect(refusal.seen).toMatch(name);
  });

  it.each<[string, Uint8Array, RegExp]>([
    [
      'a bzImage names its build',
      buildBzImage('6.12.1 (root@host) #1 SMP'),
      /for x86, 6\.12\.1 \(root@host\) #1 SMP$/,
    ],
    ['a bzImage without one', fileWith([0x202, 'HdrS'], [0x20e, '\xff\xff']), /a kernel for x86$/],
    [
      'a module names its kernel',
      concat(elf(1, 183), '\0name=virtio_blk\0vermagic=6.12.1-arm64 SMP mod_unload\0'),
      /a kernel module \(virtio_blk\) for Linux 6\.12\.1-arm64$/,
    ],
    [
      'a text',
      new TextEncoder().encode('Dear reader, this is a text.'),
      /^a text file that begins with "Dear reader/,
    ],
    [
      'a list of symbols',
      new TextEncoder().encode('ffffd00aa2c00000 T _text\nffffd00aa2c10000 T _stext\n'),
      /^a list of symbols: \/proc\/kallsyms/,
    ],
  ])('%s', (_, file, name) => {
    expect(nameFile(file)?.name).toMatch(name);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['an Image', buildImage(), /a kernel \(arm64 Image\)/],
    ['qcow2', fileWith([0, 'QFI\xfb']), /a qcow2 disk image/],
    ['a text', new TextEncoder().encode('Dear reader, this is a text.'), /a text file/],
  ])('keyrings and dumps name it, too: %s', (_, file, name) => {
    expect(attempt(() => parseKeyringFile(file))).toMatchObject({ seen: expect.stringMatching(name) });
    expect(attempt(() => openVmcore(file))).toMatchObject({ seen: expect.stringMatching(name) });
  });

  it('inspect of a text does not ask for a kernel', async () => {
    const refusal = refusalOf(await tryInspect(new TextEncoder().encode('Dear reader, this is a text.')));
    expect(refusal.cure).toMatch(/inspect --help/);
  });

  it('field/08: boot.img is named, and kernel and ramdisk are taken out of it', async () => {
    const file = new Uint8Array(readFileSync(join(FOLDER, 'boot.img')));
    const { refusal, lines } = await tryPlan(file);
    expect(refusal).toBeUndefined();
    expect(lines[0]).toMatch(/^ok android-boot Android boot image .* header version 2/);
    expect(lines).toContainEqual(expect.stringMatching(/own initrd.* is used/));
    expect(await tryInspect(file)).toMatch(/"kind":"Android boot image"/);
  });
});

function changeMachine(file: Uint8Array, machine: number): Uint8Array {
  new DataView(file.buffer).setUint16(0x44, machine, true);
  return file;
}

/** Builds a boot image: sizes and page size by version, each part on a page. */
function buildBootImage(
  version: number,
  { kernel = gzipSync(buildImage()), ramdisk = new Uint8Array(300).fill(7) } = {},
): Uint8Array {
  const parts = [kernel, ramdisk].map((part) => {
    const padded = new Uint8Array(Math.ceil(part.length / 4096) * 4096);
    padded.set(part);
    return padded;
  });
  const header = fileWith([0, 'ANDROID!'], [version < 3 ? 64 : 44, 'console=ttyMSM0']);
  const view = new DataView(header.buffer);
  view.setUint32(8, kernel.length, true);
  view.setUint32(version < 3 ? 16 : 12, ramdisk.length, true);
  if (version < 3) view.setUint32(36, 4096, true);
  view.setUint32(40, version, true);
  return new Uint8Array(Buffer.concat([header, ...parts]));
}

describe('Android boot images', () => {
  it.each([0, 1, 2, 3, 4])('version %d is opened', async (version) => {
    const { refusal, lines, kernel } = await tryPlan(buildBootImage(version));
    expect(refusal).toBeUndefined();
    expect(Buffer.compare(kernel ?? Buffer.of(), buildImage())).toBe(0);
    expect(lines).toContainEqual(expect.stringMatching(/own command line, "console=ttyMSM0", is used/));
    expect(lines.some((line) => /vendor_boot/.test(line))).toBe(version >= 3);
  });

  it('a size of device trees by a vendor, in place of the version, is version 0', async () => {
    const file = buildBootImage(0);
    new DataView(file.buffer).setUint32(40, 60_000, true);
    expect((await tryPlan(file)).refusal).toBeUndefined();
  });

  it.each<[string, (view: DataView) => void, RegExp]>([
    ['a kernel that leaves the file', (view) => view.setUint32(8, 0xffff_ffff, true), /the kernel \(4 GiB\)/],
    ['a ramdisk that leaves the file', (view) => view.setUint32(16, 0x7fff_ffff, true), /the ramdisk/],
    ['pages of 3 bytes', (view) => view.setUint32(36, 3, true), /pages of 3 bytes/],
    ['pages of 2 GiB', (view) => view.setUint32(36, 0x8000_0000, true), /pages of/],
    ['no kernel', (view) => view.setUint32(8, 0, true), /it has no kernel/],
  ])('%s is refused', async (_, change, seen) => {
    const file = buildBootImage(2);
    change(new DataView(file.buffer));
    const { refusal } = await tryPlan(file);
    expect(refusal).toMatchObject({
      check: 'android-boot',
      errno: 'ENOEXEC',
      seen: expect.stringMatching(seen),
    });
    expect(refusalOf(await tryInspect(file)).check).toBe('android-boot');
  });

  it.each([12, 50, 4096, 4200])('one cut short after %d bytes is refused', async (length) => {
    expect((await tryPlan(buildBootImage(2).subarray(0, length))).refusal?.check).toMatch(
      /android-boot|kernel-file|compressed-data/,
    );
  });
});

describe('inspect describes the PE files that it reads', () => {
  it.each<[string, Uint8Array, string]>([
    ['a boot loader', buildPe({ sections: [kernelPart] }), 'a PE file for AArch64, such as a boot loader'],
    [
      'one for x86-64',
      changeMachine(buildPe({ sections: [kernelPart] }), 0x8664),
      'a PE file for x86-64, such as a boot loader',
    ],
    ['an addon', buildPe({ sections: [cmdlinePart] }), 'a PE file for AArch64, a UKI without a kernel'],
  ])('%s', async (_, file, description) => {
    expect(await tryInspect(file)).toContain(`"kind":"PE file","facts":{"description":"${description}`);
  });
});
