import type { Kimage } from '../../../kexec/kimage.js';

/** The sizes of the header (entry, number of segments) and of a `struct kexec_segment`, in bytes. */
const HEADER_SIZE = 16;
const SEGMENT_SIZE = 32;

/** Segments whose bytes the guest has already; they follow the plan in this order. */
const IN_GUEST = ['kernel', 'initrd'] as const;

/**
 * Builds the first part of the file that the loader reads: the arguments of the system call, and the bytes of every
 * segment except kernel and initrd, whose files the guest appends.
 *
 * @param kernel - the file of the kernel; its segment is the end of it, on x86_64 without the setup code
 */
export function buildPlan({ entry, segments }: Kimage, kernel: Uint8Array): Uint8Array {
  const sent = segments.filter(({ name }) => !IN_GUEST.some((known) => known === name));
  const inGuest = IN_GUEST.flatMap((name) => segments.filter((segment) => segment.name === name));
  const table = HEADER_SIZE + segments.length * SEGMENT_SIZE;
  const plan = new Uint8Array(sent.reduce((size, { bytes }) => size + bytes.length, table));
  const view = new DataView(plan.buffer);
  view.setBigUint64(0, entry, true);
  view.setBigUint64(8, BigInt(segments.length), true);

  let at = table;
  for (const [index, { name, bytes, mem, memsz }] of [...sent, ...inGuest].entries()) {
    if (name === 'kernel') at += kernel.length - bytes.length;
    const fields = [BigInt(at), BigInt(bytes.length), mem, memsz];
    for (const [field, value] of fields.entries()) {
      view.setBigUint64(HEADER_SIZE + index * SEGMENT_SIZE + field * 8, value, true);
    }
    if (index < sent.length) plan.set(bytes, at);
    at += bytes.length;
  }
  return plan;
}
