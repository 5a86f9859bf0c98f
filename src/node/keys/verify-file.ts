import { attemptAsync, KexecError } from '../../base/error.js';
import { Trail } from '../../base/trail.js';
import type { MachineKeys } from '../../trust/keyrings/machine-store.js';
import type { LoadedTrustStore } from '../../trust/keyrings/trust-store.js';
import { decideVerdict, type SignatureVerdict } from '../../trust/signature-verdict.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { describeInput, type FileInput, readInput } from '../files/file-input.js';
import { type KernelInput, readKernel } from '../files/member-path.js';
import { createReusedMemory } from '../files/read-file.js';
import type { TrustOptions } from './keyrings.js';
import { readMachineTrust } from './machine-trust.js';
import { readVerifiedPart } from './read-signed-part.js';

/** The verdict on one file. */
export interface FileVerdict extends SignatureVerdict {
  /** The file's path, or `(bytes)`. */
  readonly file: string;
  /**
   * The kinds of the files around the verified one, outermost first: "gzip file". Absent if the file itself was
   * verified.
   */
  readonly within?: readonly string[];
}

/** Which of a file's signatures is verified: the one that kexec verifies, or one of IMA's two. */
export type FileSignatureKind =
  | { readonly kind: 'pe' }
  | { readonly kind: 'appended' }
  /** The value of the attribute `security.ima`. */
  | { readonly kind: 'ima-xattr'; readonly value: FileInput };

/** The trusted and the revoked certificates, and a machine's EFI variables, which count as for a load on it. */
export interface FileTrust extends TrustOptions, MachineKeys {}

/**
 * Verifies one file as a kernel does that trusts these sources. Of a file that contains a signed kernel and has no
 * signature of its own, such as a compressed one, the kernel is verified, as for a load.
 *
 * @returns the verdict, also for a file that cannot be read
 */
export async function verifyFile(
  input: FileInput,
  sources: FileTrust,
  kind: FileSignatureKind = { kind: 'pe' },
): Promise<FileVerdict> {
  const file = describeInput(input);
  const verdict = await attemptAsync(async () => {
    const trust = trustStoreOf(sources);
    if (kind.kind === 'pe') return verifyPart(readKernel(input, memory), trust);
    const signature =
      kind.kind === 'ima-xattr' ? { kind: kind.kind, value: readInput(kind.value) } : { kind: kind.kind };
    return decideVerdict(readInput(input, memory), { trust, signature, hashes: nodeHashes });
  });
  return verdict instanceof KexecError ? { file, ...unreadable(verdict) } : { file, ...verdict };
}

async function verifyPart(
  input: KernelInput,
  trust: LoadedTrustStore,
): Promise<SignatureVerdict & Pick<FileVerdict, 'within'>> {
  const { bytes, within } = await readVerifiedPart(input);
  const verdict = decideVerdict(bytes, { trust, hashes: nodeHashes });
  if (within.length === 0) return verdict;
  const { describeWithin } = await import('../../kernel-file/signed-part.js');
  return { ...verdict, detail: `${describeWithin(within)}: ${verdict.detail}`, within };
}

function unreadable(error: KexecError): SignatureVerdict {
  const trail = new Trail();
  trail.refuse(error);
  const { errno, check, seen: detail } = error;
  return {
    verdict: 'refused',
    errno,
    check,
    detail,
    signatures: [],
    ignoredSignatures: [],
    trail: trail.entries,
  };
}

/** Reused for every file: verdicts do not point into it, and allocating takes as long as reading. */
const memory = createReusedMemory();

/** A thread reads the sources once, for all its files. */
const stores = new WeakMap<FileTrust, LoadedTrustStore>();

function trustStoreOf(sources: FileTrust): LoadedTrustStore {
  const store = stores.get(sources) ?? readMachineTrust(sources, sources).storeFor('enforce');
  stores.set(sources, store);
  return store;
}
