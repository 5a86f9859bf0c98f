import { refuse } from '../base/error.js';
import { findCompression } from '../formats/compression/compression-names.js';
import { stripPaddingToSign } from '../formats/pe/padding.js';
import { parsePe } from '../formats/pe/parse.js';
import { replaceLinux } from '../formats/uki.js';
import { parseZboot, replacePayload } from '../formats/zboot.js';
import { removeSignatures } from '../trust/sign/remove.js';
import { Budget } from './expand.js';
import { detectKernelFileKind, type KernelFileKind } from './kernel-file-kinds.js';
import { findWrapping, type Opening, withArticle } from './open-wrapping.js';
import { MAX_LAYERS } from './unwrap.js';

/** Kernels that are no wrapping, by name. */
const BARE_KERNELS: Readonly<Partial<Record<KernelFileKind, string>>> = {
  image: 'Image',
  bzimage: 'bzImage',
};

/** The compressions that can be done here, and so be done again. */
export type InnerCompression = 'gzip' | 'zstd';

/** Compresses bytes to the smallest size. */
export type Compress = (compression: InnerCompression, bytes: Uint8Array) => Promise<Uint8Array>;

/** What signing a kernel inside other files needs. */
export interface InnerSigning {
  /** Signs a PE file. */
  readonly sign: (file: Uint8Array) => Promise<Uint8Array>;
  readonly opening: Opening;
  readonly compress: Compress;
}

/** A kernel file whose parts were signed from the inside out. */
export interface SignedInner {
  readonly file: Uint8Array;
  /** The signed parts, innermost first: "Image", "zboot image", "UKI". */
  readonly signed: readonly string[];
  /** Further remarks for the user. */
  readonly notes: readonly string[];
}

/**
 * Signs the Image inside an envelope, then the envelope, and so on outwards: UKIs, zboot images, and gzip and zstd
 * files, which have no place for a signature of their own. Old signatures of an envelope no longer hold, and are
 * removed.
 *
 * @throws KexecError `EINVAL`, check `sign-inner`: the file has no room for the signed kernel; as
 *   {@link requirePlaceForSignature}; as the formats refuse; what `sign` throws.
 */
export async function signInner(file: Uint8Array, signing: InnerSigning): Promise<SignedInner> {
  return signWithin(file, signing, new Budget(), 0);
}

/**
 * Refuses a file that has no place for a signature.
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
      : 'sign the Image, then build this file from it';
  refuse('sign-inner', 'EINVAL', `${withArticle(name)} has no place for a signature; ${how}`);
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
    const name = BARE_KERNELS[detectKernelFileKind(file) ?? 'pe'] ?? 'PE file';
    return { file: await sign(stripPaddingToSign(file)), signed: [name], notes: [] };
  }
  const { kind, name } = wrapping;
  if (depth === MAX_LAYERS) refuse('sign-inner', 'EINVAL', `${name} within ${MAX_LAYERS} other wrappings`);
  const compression = kind === 'zboot' ? findCompression(parseZboot(file).compression) : kind;
  if (compression !== 'pe' && compression !== 'gzip' && compression !== 'zstd') {
    const by = kind === 'zboot' ? ` by ${compression ?? 'an unknown method'}` : '';
    return refuse(
      'sign-inner',
      'EINVAL',
      `${name}${by}: it cannot be built again here; sign the Image, then build this file from it`,
    );
  }
  const { kernel } = await wrapping.open(opening, budget);
  const inner = await signWithin(kernel, signing, budget, depth + 1);
  if (compression === 'pe') {
    const changed = replaceLinux(stripSignatures(file), inner.file);
    return {
      file: await sign(changed),
      signed: [...inner.signed, name],
      notes: [...inner.notes, ...listPcrNotes(file)],
    };
  }
  const compressed = await compress(compression, inner.file);
  if (kind !== 'zboot') return { ...inner, file: compressed };
  const changed = replacePayload(stripSignatures(file), compressed, inner.file.length);
  return { ...inner, file: await sign(changed), signed: [...inner.signed, name] };
}

/** systemd's stub measures .linux into PCR 11, and .pcrsig signs the result. */
function listPcrNotes(file: Uint8Array): string[] {
  if (!parsePe(file).sections.some(({ name }) => name === '.pcrsig')) return [];
  return ['.pcrsig does not match the signed kernel: sign the policy of PCR 11 again (systemd-measure)'];
}

function stripSignatures(file: Uint8Array): Uint8Array {
  return parsePe(file).certificates.length === 0 ? file : removeSignatures(file, 'all');
}
