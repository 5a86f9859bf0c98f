import { refuse } from '../../base/error.js';
import type { RandomSource } from '../../base/random.js';
import type { Range } from '../../base/range.js';
import type { Trail } from '../../base/trail.js';
import { alignDown, alignUp, GIB, hex, KIB, MIB, maximum } from '../../base/u64.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Segment, SegmentList } from '../kimage.js';
import type { LoadOptions } from '../load-options.js';
import { buildNextDeviceTree } from './next-device-tree.js';
import { lowestBeside, type PlacementRules } from './placement-rules.js';

/** The largest page of arm64: elfcorehdr is aligned so that any kernel can map it. */
const ELFCOREHDR_ALIGNMENT = 64n * KIB;

/** booting.rst: at most 2 MiB, and not across a 2 MiB boundary. */
const DTB_ALIGNMENT = 2n * MIB;

/** What goes with a kernel: the parts of a load request that become segments of their own. */
export interface OtherContents {
  readonly initrd?: Uint8Array | undefined;
  readonly options: LoadOptions;
  /** The ELF core header, for a crash kernel. */
  readonly elfcorehdr?: Uint8Array | undefined;
  /** For kaslr-seed and rng-seed; without one, the next kernel gets neither. */
  readonly random?: RandomSource | undefined;
}

/**
 * Places what goes with the kernel, none of it below unless the rules say so: elfcorehdr, initrd and the device tree that tells of both.
 * Kernel function `load_other_segments()`.
 *
 * @param kernel the kernel's segment as it was found, text_offset included.
 * @returns the segment of the device tree.
 * @throws KexecError as {@link SegmentList.add} and {@link buildNextDeviceTree}.
 */
export function placeOtherSegments(
  kernel: Segment,
  { initrd, elfcorehdr, options: { commandLine }, random }: OtherContents,
  machine: Machine,
  list: SegmentList,
  rules: PlacementRules,
  trail: Trail,
): Segment {
  const minimum = lowestBeside(kernel, rules);

  const elfcorehdrSegment =
    elfcorehdr &&
    list.add(
      {
        name: 'elfcorehdr',
        bytes: elfcorehdr,
        memsz: BigInt(elfcorehdr.length),
        alignment: ELFCOREHDR_ALIGNMENT,
        direction: 'top-down',
        minimum,
      },
      trail,
    );

  const initrdSegment =
    initrd &&
    list.add(
      {
        name: 'initrd',
        bytes: initrd,
        memsz: BigInt(initrd.length),
        alignment: 0n,
        direction: 'bottom-up',
        minimum: maximum(minimum, alignUp(kernel.mem + kernel.memsz, GIB) - rules.initrdWindow),
        maximum: alignDown(kernel.mem, GIB) + rules.initrdWindow,
      },
      trail,
    );

  const dtb = buildNextDeviceTree(
    machine,
    {
      commandLine,
      initrd: initrdSegment && bytesRange(initrdSegment),
      elfcorehdr: elfcorehdrSegment && bytesRange(elfcorehdrSegment),
      random,
    },
    trail,
  );
  if (BigInt(dtb.length) > DTB_ALIGNMENT) {
    refuse('dtb-size', 'EINVAL', `the next device tree has ${hex(dtb.length)} bytes`);
  }
  return list.add(
    {
      name: 'dtb',
      bytes: dtb,
      memsz: BigInt(dtb.length),
      alignment: DTB_ALIGNMENT,
      boundary: DTB_ALIGNMENT,
      direction: 'top-down',
      minimum,
    },
    trail,
  );
}

/** The bytes of a segment in memory, without the zeros behind them. */
function bytesRange({ mem, bytes }: Segment): Range {
  return { start: mem, end: mem + BigInt(bytes.length) };
}
