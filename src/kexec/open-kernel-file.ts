import { formatBytes } from '../base/sizes.js';
import type { Trail } from '../base/trail.js';
import { readRootCompatible } from '../formats/fdt/root-compatible.js';
import type { InitrdReport } from '../kernel-file/initrd/initrd-report.js';
import type { Opening } from '../kernel-file/open-wrapping.js';
import { requireType } from '../kernel-file/types.js';
import { type Layer, type UnwrappedKernel, unwrapKernel } from '../kernel-file/unwrap.js';
import { findMachineArchitecture } from '../machine/architectures.js';
import type { Machine } from '../machine/machine-value.js';
import type { LoadOptions } from './load-options.js';
import type { LoadRequest } from './request.js';

/**
 * The largest initrd that a load unpacks to check it, in bytes. A larger one would take longer than the rest of the
 * load, so only its structure is examined. doctor unpacks all.
 */
const MAX_UNPACKED_INITRD_BYTES = 4 << 20;

/** A request for the Image out of a kernel file. */
export interface OpenedRequest extends LoadRequest {
  readonly options: LoadOptions;
  /** The layers around the Image, outermost first. */
  readonly layers: readonly Layer[];
  /**
   * What the next kernel will make of the initrd; undefined if there is none, or one that is too large to unpack here.
   */
  readonly initrdReport: InitrdReport | undefined;
}

/** For a FIT without a default: the configuration for this machine. */
export function openingFor(machine: Machine, opening: Opening): Opening {
  const tree = findMachineArchitecture(machine).getBootTreeBytes(machine);
  if (tree === undefined) return opening;
  const compatible = readRootCompatible(tree);
  return { ...opening, member: { compatible, ...opening.member } };
}

/**
 * The first half of `loadKernelFile()`: the request for what is in the file. An initrd and a command line in the
 * file are used unless the request has its own.
 *
 * @throws KexecError as `unwrapKernel()`; `ENOEXEC`, check `kernel-file`: the file has another type than the options
 *   name.
 */
export async function openKernelFile(
  request: LoadRequest,
  opening: Opening,
  trail: Trail,
): Promise<OpenedRequest> {
  const { options = {}, trust } = request;
  const member = { ...opening.member, ...(request.member === undefined ? {} : { name: request.member }) };
  const unwrapped = await unwrapKernel(request.kernel, { ...opening, member, trust }, trail);
  const { image, envelopes, layers } = unwrapped;
  if (options.kernelType !== undefined) requireType(options.kernelType, image, layers);
  noteContents(request, unwrapped, trail);
  const initrd = request.initrd ?? unwrapped.initrd;
  const isUnpacked = initrd !== undefined && initrd.length <= MAX_UNPACKED_INITRD_BYTES;
  const initrdReport = isUnpacked ? await readWhole(initrd, opening) : undefined;
  return {
    ...request,
    kernel: image,
    member: undefined,
    initrd,
    initrdReport,
    options: {
      ...options,
      commandLine: options.commandLine ?? unwrapped.commandLine ?? options.fallbackCommandLine,
    },
    envelopes: envelopes.map((envelope) => ({
      ...envelope,
      initrd: request.initrd === undefined ? envelope.initrd : undefined,
      commandLine: options.commandLine === undefined ? envelope.commandLine : undefined,
    })),
    layers,
  };
}

/** What reads initrds is loaded only where there is one. */
async function readWhole(initrd: Uint8Array, { decompress }: Opening): Promise<InitrdReport> {
  const { readInitrd } = await import('../kernel-file/initrd/read-initrd.js');
  return readInitrd(initrd, decompress);
}

function noteContents(request: LoadRequest, unwrapped: UnwrappedKernel, trail: Trail): void {
  const { initrd, commandLine, deviceTrees } = unwrapped;
  if (initrd !== undefined) {
    const what = `the file's own initrd, ${formatBytes(initrd.length)},`;
    trail.note('kernel-file', `${what} ${describeUse(request.initrd)}`);
  }
  if (commandLine !== undefined) {
    trail.note(
      'kernel-file',
      `the file's own command line, "${commandLine}", ${describeUse(request.options?.commandLine)}`,
    );
  }
  if (deviceTrees.length > 0) {
    trail.note('kernel-file', `device trees in the file: ${deviceTrees.length}; the machine's own is used`);
  }
}

function describeUse(other: unknown): string {
  return other === undefined ? 'is used' : 'is not used: another one was given';
}
