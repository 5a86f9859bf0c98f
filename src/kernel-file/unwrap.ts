/**
 * Extracts the Image from a kernel file, layer by layer, each in the trail. A PE file around a kernel is verified
 * before it is opened.
 */

import { KexecError, refuse } from '../base/error.js';
import { formatBytes } from '../base/sizes.js';
import type { Trail } from '../base/trail.js';
import type { Envelope } from '../trust/envelope.js';
import { nameSigner } from '../trust/name-signer.js';
import type { PeSignature } from '../trust/pe/pe-signature.js';
import type { TrustRequest } from '../trust/policy.js';
import { Verifier } from '../trust/verifier.js';
import { Budget } from './expand.js';
import { findAppended } from './image-appendix.js';
import { detectKernelFileKind, type KernelFileKind } from './kernel-file-kinds.js';
import { type Contents, findWrapping, type Opening, type Wrapping } from './open-wrapping.js';

/** The most wrappings inside one another: a UKI with a zboot image inside is two. */
export const MAX_LAYERS = 6;

export interface UnwrapOptions extends Opening {
  /** Who must have signed; if left out, no envelope is verified. */
  readonly trust?: TrustRequest | undefined;
}

/** A wrapping that was opened. */
export interface Layer {
  readonly kind: KernelFileKind;
  /** "UKI", "gzip file". */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly detail: string;
  /** If verification was requested: its signature, or why it has none that holds. */
  readonly signature?: PeSignature | KexecError;
  /** If verification was requested: the file itself, where files of its kind can have a signature. */
  readonly file?: Uint8Array;
}

/** The contents of a kernel file. Those that were not compressed share its memory. */
export interface UnwrappedKernel {
  /** The Image, or a file of an unknown kind, which the loader refuses. */
  readonly image: Uint8Array;
  readonly initrd: Uint8Array | undefined;
  readonly commandLine: string | undefined;
  /** Device trees in the file, from which a boot loader would choose. */
  readonly deviceTrees: readonly Uint8Array[];
  /** Outermost first; empty for a bare Image. */
  readonly layers: readonly Layer[];
  /** What each signature covers, outermost first; empty if no verification was requested. */
  readonly envelopes: readonly Envelope[];
}

/**
 * Unwraps a kernel file: compressed files, zboot images, UKIs, vmlinux, uImage, FIT, within each other up to a depth.
 *
 * @param trail - receives each wrapping, its contents, and the verdict on its signature
 * @throws KexecError of the format that is malformed; `ENOEXEC`, check `kernel-file`, for more than 6 wrappings, or a
 *   wrapping without a kernel inside; `EFBIG`, check `unwrapped-size`.
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
  let { member } = options;
  let bytes = file;
  for (let wrapping = findWrapping(bytes); wrapping !== undefined; wrapping = findWrapping(bytes)) {
    if (layers.length === MAX_LAYERS) {
      refuse('kernel-file', 'ENOEXEC', `${wrapping.name} within ${MAX_LAYERS} other wrappings`);
    }
    const { kind, name, check } = wrapping;
    const signature = verifyWrapping(bytes, wrapping, verifier);
    const contents = await wrapping.open({ ...options, member }, budget);
    if (contents.hasMembers === true) member = { compatible: member?.compatible };
    trail.ok(check, `${name} of ${formatBytes(bytes.length)}: ${contents.detail}`);
    for (const note of contents.notes ?? []) trail.note(check, `${name}: ${note}`);
    keepContents(found, contents, layers.length);
    layers.push({
      kind,
      name,
      size: bytes.length,
      detail: contents.detail,
      ...(signature && { signature, ...(wrapping.isEnvelope && { file: bytes }) }),
    });
    bytes = contents.kernel;
  }
  if (member?.name !== undefined) refuseMember(member.name);
  noteAppended(bytes, found, trail);
  return {
    image: bytes,
    initrd: found.initrd?.value,
    commandLine: found.commandLine?.value,
    deviceTrees: found.deviceTrees,
    layers,
    envelopes: listEnvelopes(layers, bytes, found),
  };
}

/** Refuses a name for a file that is no choice. @throws KexecError `ENOEXEC`, check `kernel-file`. */
export function refuseMember(name: string): never {
  refuse('kernel-file', 'ENOEXEC', `#${name}: the file has no configurations and no profiles`, {
    cure: 'leave #NAME out: only a FIT has configurations, and only a UKI profiles',
  });
}

/** Notes what was appended to an Image, for a boot loader: no loader of this project uses it. */
function noteAppended(image: Uint8Array, found: Found, trail: Trail): void {
  if (detectKernelFileKind(image) !== 'image') return;
  const appended = findAppended(image);
  if (appended === undefined) return;
  if (found.deviceTrees.length === 0) found.deviceTrees = appended.deviceTrees;
  trail.note('kernel-file', appended.note);
}

/** What was found beside the kernel, and in which layer: the outermost that has it. */
interface Found {
  initrd?: { readonly value: Uint8Array; readonly layer: number };
  commandLine?: { readonly value: string; readonly layer: number };
  deviceTrees: readonly Uint8Array[];
}

function keepContents(
  found: Found,
  { initrd, commandLine, deviceTrees = [] }: Contents,
  layer: number,
): void {
  if (initrd !== undefined) found.initrd ??= { value: initrd, layer };
  if (commandLine !== undefined) found.commandLine ??= { value: commandLine, layer };
  if (found.deviceTrees.length === 0) found.deviceTrees = deviceTrees;
}

/** A signature covers what was found in its own layer and deeper ones. */
function listEnvelopes(layers: readonly Layer[], kernel: Uint8Array, found: Found): Envelope[] {
  return layers.flatMap(({ name, signature, file }, index) => {
    if (signature === undefined) return [];
    const within = <T>(item: { readonly value: T; readonly layer: number } | undefined): T | undefined =>
      item !== undefined && item.layer >= index ? item.value : undefined;
    const { initrd, commandLine } = found;
    return [
      {
        what: `the ${name}`,
        signature,
        file,
        kernel,
        initrd: within(initrd),
        commandLine: within(commandLine),
      },
    ];
  });
}

/**
 * Verifies the signature of a wrapping.
 *
 * @returns the signature, or why it has none that holds: the policy decides later
 */
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
    const signer = nameSigner(signature.signer);
    verifier.trail.addSigner(`the ${name} is signed by ${signer}`, signer);
  }
  return signature;
}
