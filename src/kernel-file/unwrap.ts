/**
 * Takes the Image out of whatever file it comes in, step by step, each in the trail. A PE file around a kernel is
 * verified before it is opened.
 */
import { KexecError, refuse } from '../base/error.js';
import type { Trail } from '../base/trail.js';
import { hex } from '../base/u64.js';
import type { Envelope } from '../trust/envelope.js';
import type { PeSignature } from '../trust/pe/pe-signature.js';
import type { TrustRequest } from '../trust/policy.js';
import { Verifier } from '../trust/verifier.js';
import { Budget } from './expand.js';
import type { KernelFileKind } from './kernel-file-kinds.js';
import { type Contents, findWrapping, type Opening, type Wrapping } from './open-wrapping.js';

/** Wrappings within wrappings: a UKI with a zboot image in it is two. */
export const MAX_LAYERS = 6;

export interface UnwrapOptions extends Opening {
  /** Who must have signed; without it, no envelope is verified. */
  readonly trust?: TrustRequest | undefined;
}

/** One wrapping that was taken off. */
export interface Layer {
  readonly kind: KernelFileKind;
  /** What it was: "UKI", "gzip file". */
  readonly name: string;
  /** Its bytes. */
  readonly size: number;
  readonly detail: string;
  /** Where verification was asked for: its signature, or why it has none that holds. */
  readonly signature?: PeSignature | KexecError;
}

/** What a kernel file holds. What is not compressed is shared with it. */
export interface UnwrappedKernel {
  /** The Image, or what is no kernel file at all: the loader refuses it. */
  readonly image: Uint8Array;
  readonly initrd: Uint8Array | undefined;
  readonly commandLine: string | undefined;
  /** Device trees that came along, which a bootloader would choose from. */
  readonly deviceTrees: readonly Uint8Array[];
  /** Outermost first; none for an Image as it is. */
  readonly layers: readonly Layer[];
  /** What its signatures cover, outermost first; none where no verification was asked for. */
  readonly envelopes: readonly Envelope[];
}

/**
 * Unwraps a kernel file: compressed files, zboot images, UKIs, vmlinux, uImage, FIT, within each other up to a depth.
 *
 * @param trail - each wrapping, what was found in it, and what its signature is worth
 * @throws KexecError of the format that is malformed; `ENOEXEC`, check `kernel-file`, beyond 6 wrappings, or for a
 *   wrapping around what is no kernel; `EFBIG`, check `unwrapped-size`.
 */
export async function unwrapKernel(
  file: Uint8Array,
  options: UnwrapOptions,
  trail: Trail,
): Promise<UnwrappedKernel> {
  const budget = new Budget();
  const verifier = options.trust && new Verifier({ ...options.trust, trail });
  const layers: Layer[] = [];
  const found: Found = { deviceTrees: [] };
  let bytes = file;
  for (let wrapping = findWrapping(bytes); wrapping !== undefined; wrapping = findWrapping(bytes)) {
    if (layers.length === MAX_LAYERS) {
      refuse('kernel-file', 'ENOEXEC', `${wrapping.name} within ${MAX_LAYERS} other wrappings`);
    }
    const { kind, name, check } = wrapping;
    const signature = verifyWrapping(bytes, wrapping, verifier);
    const contents = await wrapping.open(options, budget);
    trail.ok(check, `${name} of ${hex(bytes.length)} bytes: ${contents.detail}`);
    for (const note of contents.notes ?? []) trail.note(check, `${name}: ${note}`);
    take(found, contents, layers.length);
    layers.push({ kind, name, size: bytes.length, detail: contents.detail, ...(signature && { signature }) });
    bytes = contents.kernel;
  }
  return {
    image: bytes,
    initrd: found.initrd?.value,
    commandLine: found.commandLine?.value,
    deviceTrees: found.deviceTrees,
    layers,
    envelopes: envelopesOf(layers, bytes, found),
  };
}

/** What goes with the kernel, and in which layer it was found: the outermost that has it. */
interface Found {
  initrd?: { readonly value: Uint8Array; readonly layer: number };
  commandLine?: { readonly value: string; readonly layer: number };
  deviceTrees: readonly Uint8Array[];
}

function take(found: Found, { initrd, commandLine, deviceTrees = [] }: Contents, layer: number): void {
  if (initrd !== undefined) found.initrd ??= { value: initrd, layer };
  if (commandLine !== undefined) found.commandLine ??= { value: commandLine, layer };
  if (found.deviceTrees.length === 0) found.deviceTrees = deviceTrees;
}

/** A signature covers what was found in its own layer or deeper. */
function envelopesOf(layers: readonly Layer[], kernel: Uint8Array, found: Found): Envelope[] {
  return layers.flatMap(({ name, signature }, index) => {
    if (signature === undefined) return [];
    const within = <T>(one: { readonly value: T; readonly layer: number } | undefined): T | undefined =>
      one !== undefined && one.layer >= index ? one.value : undefined;
    const { initrd, commandLine } = found;
    return [
      { what: `the ${name}`, signature, kernel, initrd: within(initrd), commandLine: within(commandLine) },
    ];
  });
}

/** The signature of a wrapping, or why it has none that holds; what follows from that, the policy decides. */
function verifyWrapping(
  bytes: Uint8Array,
  { name, isEnvelope }: Wrapping,
  verifier: Verifier | undefined,
): PeSignature | KexecError | undefined {
  if (verifier === undefined) return undefined;
  if (!isEnvelope) {
    return new KexecError('signature', 'ENODATA', `${name}: files of this kind have no signature to verify`);
  }
  const { signature } = verifier.verifyOnce(bytes);
  if (signature instanceof KexecError) {
    const { errno, check, seen } = signature;
    verifier.trail.note('signature', `the ${name}: ${errno} (${check}): ${seen}`);
  } else {
    verifier.trail.ok('signature', `the ${name} is signed by ${signature.signer ?? 'a trusted key'}`);
  }
  return signature;
}
