import type { Kimage } from '../../../kexec/kimage.js';

/** Entry and number of segments; then a `struct kexec_segment` for each. In bytes. */
const HEADER = 16;
const SEGMENT = 32;

/** What the guest has already: what comes behind the plan, in this order. */
const IN_GUEST = ['kernel', 'initrd'] as const;

/**
 * The first part of the file that loader.S takes: what the system call is told, and every segment but kernel and initrd,
 * which the guest puts behind it.
 */
export function buildPlan({ entry, segments }: Kimage): Uint8Array {
  const sent = segments.filter(({ name }) => !IN_GUEST.some((one) => one === name));
  const inGuest = IN_GUEST.flatMap((name) => segments.filter((segment) => segment.name === name));
  const table = HEADER + segments.length * SEGMENT;
  const plan = new Uint8Array(sent.reduce((size, { bytes }) => size + bytes.length, table));
  const view = new DataView(plan.buffer);
  view.setBigUint64(0, entry, true);
  view.setBigUint64(8, BigInt(segments.length), true);

  let at = table;
  for (const [index, { bytes, mem, memsz }] of [...sent, ...inGuest].entries()) {
    const fields = [BigInt(at), BigInt(bytes.length), mem, memsz];
    for (const [field, value] of fields.entries()) {
      view.setBigUint64(HEADER + index * SEGMENT + field * 8, value, true);
    }
    if (index < sent.length) plan.set(bytes, at);
    at += bytes.length;
  }
  return plan;
}
