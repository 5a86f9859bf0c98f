import { attempt, attemptAsync, KexecError, refuse } from '../base/error.js';
import { parsePe } from '../formats/pe/parse.js';
import { isUki, parseUki } from '../formats/uki.js';
import { Budget } from './expand.js';
import { detectKernelFileKind, type KernelFileKind } from './kernel-file-kinds.js';
import { findWrapping, type Opening, withArticle } from './open-wrapping.js';
import { MAX_LAYERS, refuseMember } from './unwrap.js';

/** PE files, and files of unknown kinds: nothing around a signature is taken off them. */
const UNWRAPPED: readonly (KernelFileKind | undefined)[] = ['image', 'bzimage', 'zboot', 'pe', undefined];

/** The part of a kernel file that can have a signature, which is a PE file. */
export interface SignedPart {
  /** The outermost PE file: a UKI, a zboot image, an Image; or what is inside that is none. */
  readonly bytes: Uint8Array;
  /** The kinds of the files around it, outermost first: "gzip file", "FIT". Empty if the file itself is the part. */
  readonly within: readonly string[];
}

/** Whether a file has something around a PE file, by its magic alone. */
export function isWrapped(file: Uint8Array): boolean {
  return !UNWRAPPED.includes(detectKernelFileKind(file));
}

/**
 * Takes off what is around the signed part of a kernel file and has no signature itself: compression, uImage, FIT,
 * vmlinux, Android boot image. A load verifies the same part first.
 *
 * @throws KexecError, as `unwrapKernel()`.
 */
export async function findSignedPart(file: Uint8Array, opening: Opening): Promise<SignedPart> {
  const budget = new Budget();
  const within: string[] = [];
  let { member } = opening;
  let bytes = file;
  for (;;) {
    const wrapping = isWrapped(bytes) ? findWrapping(bytes) : undefined;
    if (wrapping === undefined) break;
    if (within.length === MAX_LAYERS)
      refuse('kernel-file', 'ENOEXEC', `${wrapping.name} within ${MAX_LAYERS} other wrappings`);
    const { kernel, hasMembers } = await wrapping.open({ ...opening, member }, budget);
    if (hasMembers === true) member = undefined;
    within.push(wrapping.name);
    bytes = kernel;
  }
  if (member?.name !== undefined) requireProfile(bytes, member.name);
  return { bytes, within };
}

/**
 * Opens a zboot image that has no signature, if the kernel in it has one: a load accepts that, too. A UKI stays closed,
 * because nothing else signs its command line and its initrd.
 *
 * @returns the kernel; the part itself if it is no such file
 */
export async function openUnsignedZboot(part: SignedPart, opening: Opening): Promise<SignedPart> {
  if (detectKernelFileKind(part.bytes) !== 'zboot' || hasSignature(part.bytes)) return part;
  const inside = await attemptAsync(async () => {
    const zboot = findWrapping(part.bytes);
    const { kernel } = (await zboot?.open({ ...opening, member: undefined }, new Budget())) ?? {};
    return zboot && kernel && hasSignature(kernel)
      ? { bytes: kernel, within: [...part.within, zboot.name] }
      : undefined;
  });
  // A damaged one has no signature either: that is what the caller reports.
  return inside === undefined || inside instanceof KexecError ? part : inside;
}

function hasSignature(file: Uint8Array): boolean {
  const pe = attempt(() => parsePe(file));
  return !(pe instanceof KexecError) && pe.certificates.length > 0;
}

/** The signature of a UKI is for all its profiles; one that it does not have is a mistake all the same. */
function requireProfile(bytes: Uint8Array, name: string): void {
  const pe = attempt(() => parsePe(bytes));
  if (pe instanceof KexecError || !isUki(pe)) refuseMember(name);
  parseUki(pe, { name });
}

/** Describes where a signed part is, for messages: "the kernel in a gzip file in a FIT". */
export function describeWithin(within: readonly string[]): string {
  return `the kernel in ${within.map(withArticle).reverse().join(' in ')}`;
}
