import { KexecError } from '../base/error.js';
import { hex } from '../base/u64.js';
import type { Opening } from '../kernel-file/open.js';
import { type UnwrappedKernel, unwrapKernel } from '../kernel-file/unwrap.js';
import { Trail } from '../kimage/trail.js';
import type { Machine } from '../machine/machine.js';
import { kexecFileLoad, type LoadRequest, type LoadResult } from './file-load.js';

/**
 * Loads whatever file a kernel comes in: takes the Image out of it, then decides as {@link kexecFileLoad}. The kernel
 * does not do the first half, user space does. An initrd and a command line in the file are used unless the request has
 * its own.
 *
 * @returns the kimage, or the refusal. Never throws for bad input.
 */
export async function loadKernelFile(
  request: LoadRequest,
  machine: Machine,
  opening: Opening,
): Promise<LoadResult> {
  const trail = new Trail();
  try {
    return kexecFileLoad(await unwrapRequest(request, opening, trail), machine, trail);
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    trail.refuse(error);
    return { refusal: error, trail: trail.entries };
  }
}

/**
 * The first half of {@link loadKernelFile}, for who loads on many machines: the request of {@link kexecFileLoad}, whose
 * kernel is an Image.
 *
 * @throws KexecError as {@link unwrapKernel}.
 */
export async function unwrapRequest(
  request: LoadRequest,
  opening: Opening,
  trail: Trail,
): Promise<LoadRequest> {
  const unwrapped = await unwrapKernel(request.kernel, { ...opening, trust: request.trust }, trail);
  noteContents(request, unwrapped, trail);
  const { image, envelopes } = unwrapped;
  const initrd = request.initrd ?? unwrapped.initrd;
  const commandLine = request.commandLine ?? unwrapped.commandLine;
  const used = envelopes.map((envelope) => ({
    ...envelope,
    initrd: request.initrd === undefined ? envelope.initrd : undefined,
    commandLine: request.commandLine === undefined ? envelope.commandLine : undefined,
  }));
  return { ...request, kernel: image, initrd, commandLine, envelopes: used };
}

function noteContents(request: LoadRequest, unwrapped: UnwrappedKernel, trail: Trail): void {
  const { initrd, commandLine, deviceTrees } = unwrapped;
  if (initrd !== undefined) {
    const what = `the file's own initrd, ${hex(initrd.length)} bytes,`;
    trail.note('kernel-file', `${what} ${fate(request.initrd)}`);
  }
  if (commandLine !== undefined) {
    trail.note('kernel-file', `the file's own command line, "${commandLine}", ${fate(request.commandLine)}`);
  }
  if (deviceTrees.length > 0) {
    trail.note('kernel-file', `device trees in the file: ${deviceTrees.length}; the machine's own is used`);
  }
}

function fate(other: unknown): string {
  return other === undefined ? 'is used' : 'is not used: another one was given';
}
