import { hex } from '../../base/u64.js';
import type { KernelPurgatory, X86Machine } from '../../machine/x86-64/x86-machine.js';
import { portableHashes } from '../../trust/portable-hashes.js';
import type { Segment } from '../kimage.js';
import type { PlacementInProgress } from '../load-in-progress.js';
import type { LoadOptions } from '../load-options.js';
import { hasCrashHotplug } from './elfcorehdr-room.js';
import type { PlacedBzimage } from './placed-bzimage.js';
import { linkPurgatory } from './purgatory/link-purgatory.js';

/** Purgatory's segment with its contents, and the physical address where the CPU enters it. */
export interface FilledPurgatory {
  readonly segment: Segment;
  readonly entry: bigint;
}

/**
 * Links the running kernel's purgatory for its place. If only its size is known, its contents stay zeros, and the entry is the
 * start of its segment: the places of the plan are right, but it cannot be run.
 *
 * @throws KexecError the checks of an object file.
 */
export function fillPurgatory(
  { purgatory: segment, kernel, bootParams }: PlacedBzimage,
  { object }: KernelPurgatory,
  placement: PlacementInProgress<X86Machine>,
): FilledPurgatory {
  const { request, trail } = placement;
  if (object === undefined) {
    trail.note(
      'running-purgatory',
      "the running kernel's purgatory is not recorded, only its size: contents and entry are unknown here",
    );
    return { segment, entry: segment.mem };
  }
  const verified = listVerified(placement);
  const linked = linkPurgatory(object, segment.mem, {
    kernel: kernel.mem,
    bootParams: bootParams.mem,
    verified,
    hashes: request.hashes ?? portableHashes,
  });
  const bytes = new Uint8Array(segment.bytes.length);
  bytes.set(linked.bytes.subarray(0, bytes.length));
  trail.ok(
    'elf-relocation',
    `the running kernel's purgatory linked at ${hex(segment.mem)}: rsi = ${hex(bootParams.mem)}, enters ${hex(kernel.mem)}`,
  );
  trail.ok(
    'purgatory-regions',
    verified.length === 0
      ? `purgatory verifies nothing, ${isUnchecked(request.options) ? 'as requested' : 'as always with Kexec Handover'}`
      : `purgatory verifies ${verified.map(({ name }) => name).join(', ')} by SHA-256`,
  );
  if (verified.some(({ name }) => name === 'dmcryptkeys'))
    trail.note(
      'purgatory-regions',
      'the digest covers the dm-crypt keys, which are secret: it is not the one that the kernel computes',
    );
  return { segment: { ...segment, bytes }, entry: linked.entry };
}

/** `--no-checks`. */
function isUnchecked({ purgatory }: LoadOptions): boolean {
  return purgatory !== undefined && purgatory !== false && purgatory.checks === false;
}

/**
 * The segments that purgatory verifies: all but its own, and the ELF core header if that may be updated. With Kexec Handover, a
 * kernel that replaces the running one is not verified.
 */
function listVerified({ segments, machine, handover, request }: PlacementInProgress<X86Machine>): Segment[] {
  if (handover !== undefined || isUnchecked(request.options)) return [];
  const skipped = hasCrashHotplug(machine) ? ['purgatory', 'elfcorehdr'] : ['purgatory'];
  return segments.segments.filter(({ name }) => !skipped.includes(name));
}
