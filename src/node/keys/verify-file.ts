import { attempt, KexecError } from '../../base/error.js';
import { Trail } from '../../base/trail.js';
import type { LoadedTrustStore } from '../../trust/keyrings/trust-store.js';
import { type SignatureVerdict, verify } from '../../trust/verify-signature.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { type FileInput, inputName, readInput } from '../files/file-input.js';
import { createReusedMemory } from '../files/read-file.js';
import { loadTrustStore, type TrustOptions } from './keyrings.js';

/** What came of verifying one file. */
export interface FileVerdict extends SignatureVerdict {
  /** The file's path, or `(bytes)`. */
  readonly file: string;
}

/** Which of a file's signatures is verified: the one that kexec verifies, or one of IMA's two. */
export type FileSignatureKind =
  | { readonly kind: 'pe' }
  | { readonly kind: 'appended' }
  /** The value of the attribute `security.ima`. */
  | { readonly kind: 'ima-xattr'; readonly value: FileInput };

/** Verifies one file as a kernel would that trusts these sources. Never throws for what is wrong with the file. */
export function verifyFile(
  input: FileInput,
  sources: TrustOptions,
  kind: FileSignatureKind = { kind: 'pe' },
): FileVerdict {
  const file = inputName(input);
  const verdict = attempt(() => {
    const trust = trustStoreOf(sources);
    const bytes = readInput(input, memory);
    const signature =
      kind.kind === 'ima-xattr' ? { kind: kind.kind, value: readInput(kind.value) } : { kind: kind.kind };
    return verify(bytes, { trust, signature, hashes: nodeHashes });
  });
  return verdict instanceof KexecError ? { file, ...unreadable(verdict) } : { file, ...verdict };
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

/** Nothing of a verdict points into a file, and fresh memory takes as long as reading. */
const memory = createReusedMemory();

/** The sources are read once a thread, whatever the number of files. */
const stores = new WeakMap<TrustOptions, LoadedTrustStore>();

function trustStoreOf(sources: TrustOptions): LoadedTrustStore {
  const store = stores.get(sources) ?? loadTrustStore(sources, nodeHashes);
  stores.set(sources, store);
  return store;
}
