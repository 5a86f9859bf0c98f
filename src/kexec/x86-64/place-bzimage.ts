import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { alignUp, hex, isPowerOfTwo, KIB, MIB } from '../../base/u64.js';
import { parseElfcorehdr } from '../../crash/elfcorehdr.js';
import { measureSetup, parseBzimageHeader } from '../../formats/bzimage/header.js';
import { EM_X86_64 } from '../../formats/elf/format.js';
import type { DmCryptFacts } from '../../machine/dm-crypt-keys.js';
import type { KernelPurgatory, X86Machine } from '../../machine/x86-64/x86-machine.js';
import { placeDmCryptKeys } from '../dm-crypt-keys.js';
import type { Segment } from '../kimage.js';
import { type PlacementInProgress, placeSegment } from '../load-in-progress.js';
import { loaderHas } from '../running-kernel.js';
import { DM_CRYPT_KEYS_ROOM, ELFCOREHDR_ROOM, layOutBootParams } from './boot-params-layout.js';
import { checkCommandLineRoom } from './check-command-line-room.js';
import { measureElfcorehdr } from './elfcorehdr-room.js';
import { encodeCommandLine } from './encode-command-line.js';
import { fillBootParams } from './fill-boot-params.js';
import { fillOwnPurgatory } from './fill-own-purgatory.js';
import { fillPurgatory } from './fill-purgatory.js';
import { measureBzimage } from './measure-bzimage.js';
import type { PlacedBzimage, PlacedElfcorehdr } from './placed-bzimage.js';
import { loadOwnPurgatory } from './purgatory/load-purgatory.js';

const PAGE_SIZE = 4n * KIB;

/** `ELF_CORE_HEADER_ALIGN`. */
const ELFCOREHDR_ALIGNMENT = 4n * KIB;

/** `MIN_PURGATORY_ADDR` and `MIN_BOOTPARAM_ADDR`. */
const LOWEST = 0x3000n;

/** `MIN_INITRD_LOAD_ADDR`. */
const LOWEST_INITRD = 16n * MIB;

type Placement = PlacementInProgress<X86Machine>;

/**
 * Places all segments, each as high as it fits but for the ELF core header, and fills those that depend on the others' places:
 * kernel function `bzImage64_load()`, second half. No segment is searched again. Purgatory is the running kernel's, or ours for
 * kexec_load(2).
 *
 * @returns the physical address of purgatory, where the CPU enters
 * @throws KexecError as {@link placeSegment}; `ENODATA`, check `running-purgatory`; the checks of an object file.
 */
export function placeBzimage(placement: Placement): bigint {
  const { machine, request, segments } = placement;
  const isOwn = request.options.call === 'segments';
  const purgatoryFacts = isOwn ? measureOwnPurgatory() : requirePurgatory(machine);
  noteOldSearch(placement);
  const commandLine = encodeCommandLine(request.options.commandLine);
  const elfcorehdr = placeElfcorehdr(placement);
  const dmCryptKeys = placement.dmCryptKeys && placeKeys(placement.dmCryptKeys, placement);
  const keysRoom = dmCryptKeys === undefined ? 0 : DM_CRYPT_KEYS_ROOM;
  const layout = layOutBootParams((commandLine?.length ?? 0) + keysRoom, machine);
  const placed: PlacedBzimage = {
    elfcorehdr,
    dmCryptKeys,
    purgatory: placeSegment(placement, {
      name: 'purgatory',
      bytes: new Uint8Array(Number(purgatoryFacts.bufsz)),
      memsz: purgatoryFacts.memsz,
      alignment: purgatoryFacts.alignment,
      direction: 'top-down',
      minimum: LOWEST,
    }),
    bootParams: placeSegment(placement, {
      name: 'boot-params',
      bytes: new Uint8Array(layout.size),
      memsz: BigInt(layout.size),
      alignment: 16n,
      direction: 'top-down',
      minimum: LOWEST,
    }),
    kernel: placeKernel(placement),
    initrd: request.initrd && placeInitrd(request.initrd, placement),
  };
  const bootParams = fillBootParams(placed, { layout, commandLine }, placement);
  segments.replace(placed.bootParams, bootParams);
  const filled = { ...placed, bootParams };
  const { segment, entry } = isOwn
    ? fillOwnPurgatory(filled, placement)
    : fillPurgatory(filled, purgatoryFacts, placement);
  segments.replace(placed.purgatory, segment);
  return entry;
}

function noteOldSearch(placement: Placement): void {
  if (loaderHas(placement, 'ram-from-top')) return;
  const { machine, segments, trail } = placement;
  trail.note(
    segments.check,
    `the running kernel is ${machine.kernel?.release}: each search begins in the lowest range, from its top`,
  );
}

/** kexec_load(2) enters our purgatory. */
function measureOwnPurgatory(): KernelPurgatory {
  const { contentsSize, size, alignment } = loadOwnPurgatory();
  return { bufsz: contentsSize, memsz: size, alignment };
}

function requirePurgatory({ name, x86, unknown = [] }: X86Machine): KernelPurgatory {
  if (x86.purgatory !== undefined) return checkSizes(x86.purgatory);
  const reason = unknown.find(({ fact }) => fact === 'purgatory')?.reason;
  refuse(
    'running-purgatory',
    'ENODATA',
    `${name}: the size of the running kernel's purgatory is unknown${reason === undefined ? '' : `: ${reason}`}`,
  );
}

/** Sizes out of a machine file are not believed: memory is allocated by them. */
function checkSizes(purgatory: KernelPurgatory): KernelPurgatory {
  const { bufsz, memsz, alignment } = purgatory;
  if (bufsz > memsz || memsz > MIB || alignment > MIB || !isPowerOfTwo(alignment)) {
    refuse(
      'running-purgatory',
      'EINVAL',
      `purgatory has ${formatBytes(bufsz)} for ${formatBytes(memsz)} of memory, aligned to ${hex(alignment)}: no kernel's has more than 1 MiB`,
    );
  }
  return purgatory;
}

function placeElfcorehdr(placement: Placement): PlacedElfcorehdr | undefined {
  const { elfcorehdr: bytes } = placement.request;
  if (bytes === undefined) return undefined;
  const { loads } = parseElfcorehdr(bytes, EM_X86_64);
  // One PT_LOAD is the kernel's text.
  const memsz = measureElfcorehdr(bytes, loads.length - 1, placement.machine);
  const segment = placeSegment(placement, {
    name: 'elfcorehdr',
    bytes,
    memsz,
    alignment: ELFCOREHDR_ALIGNMENT,
    direction: 'bottom-up',
  });
  return { segment, room: { start: segment.mem, end: segment.mem + memsz } };
}

/** The others but for the ELF core header lie at the top. @throws KexecError as placing, and as {@link checkCommandLineRoom}. */
function placeKeys(keys: DmCryptFacts, placement: Placement): Segment {
  const segment = placeDmCryptKeys(keys, placement, 'bottom-up');
  checkCommandLineRoom(placement, ELFCOREHDR_ROOM + DM_CRYPT_KEYS_ROOM);
  return segment;
}

function placeKernel(placement: Placement): Segment {
  const { kernel } = placement.request;
  const { memory, alignment = 0n, lowest = 0n } = measureBzimage(kernel);
  return placeSegment(placement, {
    name: 'kernel',
    bytes: kernel.subarray(measureSetup(parseBzimageHeader(kernel))),
    // PAGE_ALIGN() of a u32 wraps: a size in the last page of 4 GiB becomes 0, which the sanity check refuses.
    memsz: BigInt.asUintN(32, alignUp(memory, PAGE_SIZE)),
    alignment,
    direction: 'top-down',
    minimum: lowest,
  });
}

function placeInitrd(bytes: Uint8Array, placement: Placement): Segment {
  return placeSegment(placement, {
    name: 'initrd',
    bytes,
    memsz: BigInt(bytes.length),
    alignment: 0n,
    direction: 'top-down',
    minimum: LOWEST_INITRD,
  });
}
