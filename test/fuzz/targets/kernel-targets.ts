/** Files that contain a kernel, and files that a kernel is given. */
import { crc32 } from 'node:zlib';
import { createByteSource } from '../../../src/base/byte-source.js';
import { rangeOf } from '../../../src/base/range.js';
import { parseAndroidBoot } from '../../../src/formats/android-boot.js';
import { parseImageHeader } from '../../../src/formats/arm64-image.js';
import { findBuild, parseBzimageHeader } from '../../../src/formats/bzimage/header.js';
import { findPayload } from '../../../src/formats/bzimage/payload.js';
import { portableDecompress } from '../../../src/formats/compression/decompress.js';
import { buildCpio, parseCpio } from '../../../src/formats/cpio.js';
import { readCoreHeaders } from '../../../src/formats/elf/core-file.js';
import { parseElf } from '../../../src/formats/elf/object.js';
import { parseX86Vmlinux } from '../../../src/formats/elf/x86-vmlinux.js';
import { listFit, parseFit } from '../../../src/formats/fit.js';
import { parseModuleInfo } from '../../../src/formats/kernel-module.js';
import { parseModuleSignature } from '../../../src/formats/module-signature.js';
import { computeCheckSum } from '../../../src/formats/pe/checksum.js';
import { parsePe } from '../../../src/formats/pe/parse.js';
import { listTarFiles } from '../../../src/formats/tar.js';
import { parseAnyUimage, parseUimage } from '../../../src/formats/uimage.js';
import { listProfiles, parseUki } from '../../../src/formats/uki.js';
import { parseZboot } from '../../../src/formats/zboot.js';
import { inspect } from '../../../src/inspect/inspect-file.js';
import { readInitrd } from '../../../src/kernel-file/initrd/read-initrd.js';
import { findBanner } from '../../../src/kernel-file/kernel-banner.js';
import { plan } from '../../../src/kexec/plan-kernel.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { PRESETS } from '../../../src/machine/presets/presets.js';
import { findKernelPurgatory } from '../../../src/machine/x86-64/kernel-purgatory.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { parsePefile } from '../../../src/trust/pe/pefile.js';
import { formatJson } from '../../../src/view/json/format-json.js';
import { buildInspectedJson } from '../../../src/view/json/inspected-json.js';
import { formatInspected } from '../../../src/view/text/inspected-text.js';
import { buildBzimage } from '../../support/bzimage.js';
import { buildElfVmcore, buildNote } from '../../support/crashed-kernel.js';
import { HOSTILE_FILES } from '../../support/hostile-files.js';
import { buildImage, buildStubImage } from '../../support/image.js';
import { buildZboot } from '../../support/kernel-files.js';
import { buildPe } from '../../support/pe.js';
import { type FuzzTargets, readersTarget } from '../fuzz-target.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The first with little RAM: purgatory's digest is over the whole image in memory, which may be as large as that. */
const MACHINES: readonly Machine[] = [
  { ...PRESETS['qemu-virt'](), memory: [rangeOf(0x4000_0000n, 1n << 28n)] },
  PRESETS['qemu-q35'](),
];

const buildCore = (): Uint8Array =>
  buildElfVmcore({ notes: buildNote('VMCOREINFO', 0, encode('OSRELEASE=6.12.0\n')), pieces: [] });

const pe = (): Uint8Array =>
  buildPe({
    sections: [
      { name: '.linux', bytes: buildImage({ length: 128 }) },
      { name: '.cmdline', bytes: encode('quiet') },
      { name: '.profile', bytes: encode('ID=main') },
      { name: '.initrd', bytes: encode('070701') },
    ],
    certificates: [{ type: 2, bytes: new Uint8Array(16) }],
  });

const cpio = (): Uint8Array =>
  buildCpio([
    { name: 'init', type: 'file', permissions: 0o755, bytes: encode('#!/bin/sh\n') },
    { name: 'bin', type: 'symlink', target: 'usr/bin' },
  ]);

const kernels = (): Uint8Array[] => [
  buildImage({ length: 128 }),
  buildStubImage(),
  buildBzimage(),
  pe(),
  buildZboot(buildImage({ length: 128 }), 'gzip', 128),
  buildUimage(),
];

/** By name. */
export const KERNEL_TARGETS: FuzzTargets = {
  'arm64-image': readersTarget(
    () => [buildImage({ length: 128 }), buildStubImage()],
    parseImageHeader,
    findBanner,
  ),
  bzimage: readersTarget(() => [buildBzimage()], parseBzimageHeader, findPayload, findBuild),
  pe: readersTarget(
    () => [pe(), buildStubImage()],
    (file) => {
      const parsed = parsePe(file);
      computeCheckSum(file, parsed.checkSumOffset);
    },
    parsePefile,
  ),
  uki: readersTarget(
    () => [pe()],
    (file) => parseUki(parsePe(file)),
    (file) => listProfiles(parsePe(file)),
  ),
  zboot: readersTarget(() => [buildZboot(Uint8Array.of(1, 2, 3), 'gzip', 100)], parseZboot),
  uimage: readersTarget(
    () => [buildUimage()],
    (file) => parseUimage(repairUimage(file)),
    (file) => parseAnyUimage(repairUimage(file)),
  ),
  'android-boot': readersTarget(() => [encode('ANDROID!')], parseAndroidBoot),
  fit: readersTarget(() => [HOSTILE_FILES['a FIT']?.('x') as Uint8Array], listFit, parseFit),
  elf: readersTarget(
    () => [buildCore()],
    parseElf,
    parseX86Vmlinux,
    findKernelPurgatory,
    (file) => parseModuleInfo('module', file, 183),
    (file) => readCoreHeaders(createByteSource(file)),
    parseModuleSignature,
  ),
  cpio: readersTarget(
    () => [cpio()],
    (archive) => parseCpio(archive, 1000),
  ),
  tar: readersTarget(
    () => [buildTar()],
    (archive) => listTarFiles(archive, 100),
  ),
  initrd: {
    seeds: () => [cpio()],
    run: (file) => readInitrd(file, portableDecompress),
    isAsync: true,
  },
  inspect: {
    seeds: () => [
      ...kernels(),
      cpio(),
      buildTar(),
      ...Object.values(HOSTILE_FILES).map((build) => build('x')),
    ],
    async run(file) {
      const inspected = await inspect(file);
      formatInspected('file', inspected);
      formatJson(buildInspectedJson('file', inspected), 'lines');
    },
    isAsync: true,
  },
  plan: {
    seeds: kernels,
    async run(kernel) {
      for (const machine of MACHINES)
        await plan(kernel, { machine, commandLine: 'quiet', hashes: nodeHashes });
    },
    isAsync: true,
  },
};

/** A tar of one file, as GNU tar writes it. */
function buildTar(): Uint8Array {
  const archive = new Uint8Array(2048);
  const [permissions, owner, time] = ['0000644', '0000000', '00000000000'];
  archive.set(encode('iomem'));
  archive.set(encode([permissions, owner, owner, '00000000005', time, '        0'].join('\0')), 100);
  archive.set(encode('ustar  '), 257);
  archive.set(encode('1-2 :'), 512);
  const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  archive.set(encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return archive;
}

/** A uImage of a kernel for arm64 that is not compressed (include/image.h of U-Boot). */
function buildUimage(): Uint8Array {
  const kernel = buildImage({ length: 128 });
  const file = new Uint8Array(64 + kernel.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x27051956);
  view.setUint32(12, kernel.length);
  file.set([5, 22, 2, 0], 28);
  file.set(kernel, 64);
  return repairUimage(file);
}

/** Lets the CRCs of a uImage fit its bytes: nothing behind them would be reached otherwise. */
function repairUimage(file: Uint8Array): Uint8Array {
  if (file.length < 64) return file;
  const repaired = new Uint8Array(file);
  const view = new DataView(repaired.buffer);
  view.setUint32(24, crc32(repaired.subarray(64)));
  view.setUint32(4, 0);
  view.setUint32(4, crc32(repaired.subarray(0, 64)));
  return repaired;
}
