import { refuse } from '../base/error.js';
import { findCompression } from '../formats/compression/compression-names.js';
import { stripPaddingToSign } from '../formats/pe/padding.js';
import { parsePe } from '../formats/pe/parse.js';
import { replaceLinux } from '../formats/uki.js';
import { parseZboot, replacePayload } from '../formats/zboot.js';
import { removeSignatures } from '../trust/sign/remove.js';
import { Budget } from './expand.js';
import { detectKernelFileKind } from './kernel-file-kinds.js';
import { findWrapping, type Opening } from './open-wrapping.js';
import { MAX_LAYERS } from './unwrap.js';

/** What can be compressed here, and so be made again. */
export type InnerCompression = 'gzip' | 'zstd';

/** Compresses as well as it can be done. */
export type Compress = (compression: InnerCompression, bytes: Uint8Array) => Promise<Uint8Array>;

/** What signing a kernel within something takes. */
export interface InnerSigning {
  /** Signs a PE file. */
  readonly sign: (file: Uint8Array) => Promise<Uint8Array>;
  readonly opening: Opening;
  readonly compress: Compress;
}

/** A kernel file that was signed from the inside out. */
export interface SignedInner {
  readonly file: Uint8Array;
  /** What was signed, innermost first: "Image", "zboot image", "UKI". */
  readonly signed: readonly string[];
  /** What the reader should know beside that. */
  readonly notes: readonly string[];
}

/**
 * Signs the Image within an envelope, then the envelope around it, and so on outwards: a UKI, a zboot image, both, and
 * what gzip or zstd compressed, which has no place for a signature of its own. Signatures that an envelope had do not hold
 * any more, and are taken off.
 *
 * @throws KexecError `EINVAL`, check `sign-inner`: the file cannot hold what becomes of the kernel in it; as
 *   {@link requirePlaceForSignature}; as the formats refuse; what `sign` throws.
 */
export async function signInner(file: Uint8Array, signing: InnerSigning): Promise<SignedInner> {
  return signWithin(file, signing, new Budget(), 0);
}

/**
 * Refuses to sign what has no place for a signature.
 *
 * @throws KexecError `EINVAL`, check `sign-inner`.
 */
export function requirePlaceForSignature(file: Uint8Array): void {
  const wrapping = findWrapping(file);
  if (wrapping === undefined || wrapping.isEnvelope) return;
  const { kind, name } = wrapping;
  const how =
    kind === 'gzip' || kind === 'zstd'
      ? '--inner signs the Image in it'
      : 'sign the Image, and make this of it then';
  refuse('sign-inner', 'EINVAL', `${name}: there is no place for a signature; ${how}`);
}

async function signWithin(
  file: Uint8Array,
  signing: InnerSigning,
  budget: Budget,
  depth: number,
): Promise<SignedInner> {
  const { sign, opening, compress } = signing;
  const wrapping = findWrapping(file);
  if (wrapping === undefined) {
    const name = detectKernelFileKind(file) === 'image' ? 'Image' : 'PE file';
    return { file: await sign(stripPaddingToSign(file)), signed: [name], notes: [] };
  }
  const { kind, name } = wrapping;
  if (depth === MAX_LAYERS) refuse('sign-inner', 'EINVAL', `${name} within ${MAX_LAYERS} other wrappings`);
  const compression = kind === 'zboot' ? findCompression(parseZboot(file).compression) : kind;
  if (compression !== 'pe' && compression !== 'gzip' && compression !== 'zstd') {
    const by = kind === 'zboot' ? ` by ${compression ?? 'what is not known'}` : '';
    return refuse(
      'sign-inner',
      'EINVAL',
      `${name}${by}: it cannot be made anew here; sign the Image, and make this of it then`,
    );
  }
  const { kernel } = await wrapping.open(opening, budget);
  const inner = await signWithin(kernel, signing, budget, depth + 1);
  if (compression === 'pe') {
    const changed = replaceLinux(withoutSignatures(file), inner.file);
    return {
      file: await sign(changed),
      signed: [...inner.signed, name],
      notes: [...inner.notes, ...pcrNotes(file)],
    };
  }
  const compressed = await compress(compression, inner.file);
  if (kind !== 'zboot') return { ...inner, file: compressed };
  const changed = replacePayload(withoutSignatures(file), compressed, inner.file.length);
  return { ...inner, file: await sign(changed), signed: [...inner.signed, name] };
}

/** systemd's stub measures what is in .linux, and .pcrsig signs what that comes to. */
function pcrNotes(file: Uint8Array): string[] {
  if (!parsePe(file).sections.some(({ name }) => name === '.pcrsig')) return [];
  return ['.pcrsig was made for the kernel as it was: sign the policy of PCR 11 anew (systemd-measure)'];
}

function withoutSignatures(file: Uint8Array): Uint8Array {
  return parsePe(file).certificates.length === 0 ? file : removeSignatures(file, 'all');
}
