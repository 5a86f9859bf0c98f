import type { KexecError } from '../base/error.js';
import { hex } from '../base/u64.js';
import { findBanner } from '../kernel-file/kernel-banner.js';
import type { LoadResult } from '../kexec/file-load.js';
import type { Kimage } from '../kexec/kimage.js';
import type { MachineFacts } from '../machine/machine-facts.js';

/** The outcome of a plan in one sentence: kernel, release if known, verdict, machine, and entry or errno. */
export function describeOutcome(result: LoadResult, machine: MachineFacts, kernel: string): string {
  if ('refusal' in result) return `${kernel} ${describeRefusal(result.refusal)} on ${machine.name}`;
  const { kimage } = result;
  const release = findRelease(kimage);
  const name = release === undefined ? kernel : `${kernel} (Linux ${release})`;
  const verb = kimage.type === 'crash' ? 'loads as a crash kernel' : 'loads';
  const count = kimage.segments.length;
  const segments = `${count} ${count === 1 ? 'segment' : 'segments'}`;
  return `${name} ${verb} on ${machine.name}: ${segments}, entry ${hex(kimage.entry)}`;
}

function describeRefusal({ errno, check }: KexecError): string {
  return `is refused with ${errno} (${check})`;
}

/** The release in the kernel's banner; undefined if it has none, as a kernel that is no Linux. */
export function findRelease({ segments }: Pick<Kimage, 'segments'>): string | undefined {
  const kernel = segments.find(({ name }) => name === 'kernel');
  return kernel && findBanner(kernel.bytes)?.release;
}
