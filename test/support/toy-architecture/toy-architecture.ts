import { refuse } from '../../../src/base/error.js';
import { KIB, MIB } from '../../../src/base/u64.js';
import type { Architecture, KernelLoader } from '../../../src/kexec/architecture.js';
import { placeSegment } from '../../../src/kexec/load-in-progress.js';
import type { MachineFacts } from '../../../src/machine/machine-facts.js';

/** `e_machine` of RISC-V, which this is not. */
export const TOY_ELF_MACHINE = 243;

/** An architecture that differs from arm64 in all that the generic side asks. */
export interface ToyMachine extends MachineFacts {
  readonly architecture: 'toy';
  /** The address that the boot loader keeps free for kernels. */
  readonly toy: { readonly floor: bigint };
}

/** A kernel file that begins with "TOY" and an offset, where it is entered. */
export function buildToyKernel(length: number, entryOffset: number): Uint8Array {
  const kernel = new Uint8Array(length);
  kernel.set([0x54, 0x4f, 0x59, entryOffset]);
  return kernel;
}

const TOY_LOADER: KernelLoader<ToyMachine> = {
  name: 'toy',
  probe(kernel, trail) {
    if (kernel[0] !== 0x54) refuse('image-magic', 'EINVAL', 'no toy kernel');
    trail.ok('image-magic', 'a toy kernel');
  },
  verify({ trail }) {
    trail.note('signature', 'toys are not signed');
  },
  check({ request, trail }) {
    if (request.kernel.length > 64 * 1024) refuse('image-size', 'EINVAL', 'no toy is that large');
    trail.ok('image-size', 'small enough');
  },
  load(placement) {
    const { request, machine } = placement;
    const { kernel: bytes, initrd, elfcorehdr } = request;
    const place = (name: 'kernel' | 'initrd' | 'elfcorehdr', of: Uint8Array) =>
      placeSegment(placement, {
        name,
        bytes: of,
        memsz: BigInt(of.length),
        alignment: 64n * KIB,
        direction: 'top-down',
        minimum: machine.toy.floor,
      });
    if (elfcorehdr !== undefined) place('elfcorehdr', elfcorehdr);
    if (initrd !== undefined) place('initrd', initrd);
    return place('kernel', bytes).mem + BigInt(bytes[3] ?? 0);
  },
};

/** The one line that registers it is in the test. */
export const TOY: Architecture<ToyMachine> = {
  name: 'toy',
  loaders: [
    { ...TOY_LOADER, name: 'never', probe: () => refuse('image-magic', 'EINVAL', 'never') },
    TOY_LOADER,
  ],
  ruleNames: ['mainline'],
  commandLineSize: 16,
  destinationLimit: 1n << 32n,
  randomWindow: { start: 0n, end: 1n << 31n },
  elfcorehdr: { elfMachine: TOY_ELF_MACHINE, notDumped: [{ start: 0n, end: MIB }] },
  // Reserved memory is no matter: it is copied over at the jump, as on x86_64.
  findDestinations: ({ memory }) => memory,
};
