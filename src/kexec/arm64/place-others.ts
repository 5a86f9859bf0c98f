import { refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { alignDown, alignUp, GIB, KIB, MIB, maximum } from '../../base/u64.js';
import type { Arm64Machine } from '../../machine/arm64/arm64-machine.js';
import { placeDmCryptKeys } from '../dm-crypt-keys.js';
import { dropsOldHandover } from '../handover.js';
import { getBytesRange, type Segment, type SegmentRequest } from '../kimage.js';
import { type PlacementInProgress, placeSegment } from '../load-in-progress.js';
import { loaderHas } from '../running-kernel.js';
import { buildNextDeviceTree, type DeviceTreeRules } from './next-device-tree.js';
import { findLowestBeside, type PlacementRules } from './placement-rules.js';

/** The largest page of arm64: elfcorehdr is aligned so that any kernel can map it. */
const ELFCOREHDR_ALIGNMENT = 64n * KIB;

/** booting.rst: at most 2 MiB, and not across a 2 MiB boundary. */
const DTB_ALIGNMENT = 2n * MIB;

/** What one attempt learns for the next, with the kernel elsewhere. */
export interface EarlierAttempts {
  /** The size of the next device tree in bytes: its values differ by the places, its size does not. */
  dtbSize?: bigint;
}

/**
 * Places the segments that go with the kernel: elfcorehdr, initrd, and the device tree that names both. None lies below
 * the kernel unless the rules say so. Kernel function `load_other_segments()`.
 *
 * @param kernel - the kernel's segment as it was found, text_offset included
 * @param earlier - of this load, which this attempt adds to: a device tree is built only if there may be a place for it
 * @returns the segment of the device tree
 * @throws KexecError as {@link placeSegment} and {@link buildNextDeviceTree}.
 */
export function placeOtherSegments(
  kernel: Segment,
  rules: PlacementRules,
  placement: PlacementInProgress<Arm64Machine>,
  earlier: EarlierAttempts,
): Segment {
  const { request, machine, trail, segments, handover, dmCryptKeys } = placement;
  const { initrd, elfcorehdr, random, options } = request;
  const minimum = findLowestBeside(kernel, rules);

  const elfcorehdrSegment =
    elfcorehdr &&
    placeSegment(placement, {
      name: 'elfcorehdr',
      bytes: elfcorehdr,
      memsz: BigInt(elfcorehdr.length),
      alignment: ELFCOREHDR_ALIGNMENT,
      direction: 'top-down',
      minimum,
    });

  const keysSegment = dmCryptKeys && placeDmCryptKeys(dmCryptKeys, placement, 'top-down');

  const initrdSegment =
    initrd &&
    placeSegment(placement, {
      name: 'initrd',
      bytes: initrd,
      memsz: BigInt(initrd.length),
      alignment: 0n,
      direction: 'bottom-up',
      minimum: maximum(minimum, alignUp(kernel.mem + kernel.memsz, GIB) - rules.initrdWindow),
      maximum: alignDown(kernel.mem, GIB) + rules.initrdWindow,
    });

  const chosen = {
    commandLine: options.commandLine,
    initrd: initrdSegment && getBytesRange(initrdSegment),
    elfcorehdr: elfcorehdrSegment && getBytesRange(elfcorehdrSegment),
    dmCryptKeys: keysSegment && getBytesRange(keysSegment),
    handover: handover && { fdt: handover.fdt, list: getBytesRange(handover.list) },
    dropsHandover: dropsOldHandover(placement),
    random,
  };
  if (earlier.dtbSize !== undefined && !segments.isRandom)
    segments.requireHole(requestDtb(new Uint8Array(0), earlier.dtbSize, minimum));
  const dtb = buildNextDeviceTree(machine, chosen, trail, findTreeRules(placement));
  const memsz = BigInt(dtb.length);
  if (memsz > DTB_ALIGNMENT) refuse('dtb-size', 'EINVAL', `the next device tree has ${formatBytes(memsz)}`);
  earlier.dtbSize = memsz;
  return placeSegment(placement, requestDtb(dtb, memsz, minimum));
}

function findTreeRules(placement: PlacementInProgress): DeviceTreeRules {
  return {
    isCommon: loaderHas(placement, 'common-tree'),
    dropsCrashProperties: loaderHas(placement, 'crash-file-load'),
    addsRngSeed: loaderHas(placement, 'rng-seed'),
    dropsOldTree: loaderHas(placement, 'old-tree-reservation'),
  };
}

function requestDtb(bytes: Uint8Array, memsz: bigint, minimum: bigint): SegmentRequest {
  return {
    name: 'dtb',
    bytes,
    memsz,
    alignment: DTB_ALIGNMENT,
    boundary: DTB_ALIGNMENT,
    direction: 'top-down',
    minimum,
  };
}
