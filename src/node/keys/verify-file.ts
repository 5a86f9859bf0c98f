import { toHex } from '../../base/bytes.js';
import { attempt, KexecError } from '../../base/error.js';
import { Trail, type TrailEntry } from '../../base/trail.js';
import { parseModuleSignature } from '../../formats/module-signature.js';
import { parsePe } from '../../formats/pe/parse.js';
import type { HashName } from '../../trust/hashes.js';
import { verifyAppendedSignature } from '../../trust/ima/appended.js';
import { imaKeyrings, verifyImaXattr } from '../../trust/ima/xattr.js';
import type { LoadedTrustStore } from '../../trust/keyrings/trust-store.js';
import { verifyForPolicy } from '../../trust/policy.js';
import { IGNORED_SIGNATURE_WARNING } from '../../trust/sign/list.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { createReusedMemory, readFile } from '../files/files.js';
import { loadTrustStore, type TrustOptions } from './keyrings.js';

/** What came of verifying one file. */
export interface FileVerdict {
  readonly file: string;
  readonly verdict: 'ok' | 'refused';
  readonly errno?: string;
  readonly check?: string;
  readonly detail: string;
  /** The subject of the signer's certificate. */
  readonly signer?: string;
  /** The keyring whose certificate the chain leads to. */
  readonly keyring?: string;
  /** The digest that was signed: algorithm, colon, lower-case hex. */
  readonly digest?: string;
  /** The kinds of signature that the file carries. */
  readonly signatures: readonly string[];
  /** Those of `signatures` that the kernel ignores: it verifies the first of a PE file alone. */
  readonly ignoredSignatures: readonly string[];
  readonly trail: readonly TrailEntry[];
}

/** Which of a file's signatures is verified: the one that kexec looks at, or one of IMA's two. */
export type SignatureKind =
  | { readonly kind: 'pe' }
  | { readonly kind: 'appended' }
  /** The value of `security.ima`, in a file. */
  | { readonly kind: 'ima-xattr'; readonly path: string };

/** Verifies one file as a kernel would that trusts these sources. Never throws for what is wrong with the file. */
export function verifyFile(
  file: string,
  sources: TrustOptions,
  kind: SignatureKind = { kind: 'pe' },
): FileVerdict {
  const trail = new Trail();
  let listed: ListedSignatures = { signatures: [], ignoredSignatures: [] };
  try {
    const store = trustStoreOf(sources);
    const bytes = readFile(file, memory);
    listed = listSignatures(bytes);
    const result = verifyKind(bytes, kind, store, trail);
    return {
      file,
      verdict: 'ok',
      detail: `signed by ${result.signer ?? 'a trusted key'}, trusted through the ${result.keyring} keyring`,
      ...(result.signer === undefined ? {} : { signer: result.signer }),
      keyring: result.keyring,
      digest: formatDigest(result.hash, result.digest),
      ...listed,
      trail: trail.entries,
    };
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    trail.refuse(error);
    const { errno, check, seen: detail } = error;
    return { file, verdict: 'refused', errno, check, detail, ...listed, trail: trail.entries };
  }
}

interface Signature {
  readonly signer: string | undefined;
  readonly keyring: string;
  readonly hash: HashName;
  readonly digest: Uint8Array;
}

function verifyKind(
  bytes: Uint8Array,
  kind: SignatureKind,
  store: LoadedTrustStore,
  trail: Trail,
): Signature {
  switch (kind.kind) {
    case 'pe':
      return verifyForPolicy(bytes, { store, policy: 'enforce', hashes: nodeHashes }, trail);
    case 'appended':
      return verifyAppendedSignature(bytes, imaKeyrings(store), store.blacklist, nodeHashes, trail);
    case 'ima-xattr': {
      const verdict = verifyImaXattr(bytes, readFile(kind.path), imaKeyrings(store), nodeHashes);
      return { ...verdict, signer: verdict.signer.subjectText };
    }
  }
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

type ListedSignatures = Pick<FileVerdict, 'signatures' | 'ignoredSignatures'>;

/** Every signature in a file. */
function listSignatures(bytes: Uint8Array): ListedSignatures {
  const [first, ...ignored] = listPeSignatures(bytes);
  const ignoredSignatures = ignored.map((signature) => `${signature}: ${IGNORED_SIGNATURE_WARNING}`);
  return {
    signatures: [...(first === undefined ? [] : [first]), ...ignoredSignatures, ...listAppended(bytes)],
    ignoredSignatures,
  };
}

function listPeSignatures(bytes: Uint8Array): string[] {
  const pe = attempt(() => parsePe(bytes));
  return pe instanceof KexecError ? [] : pe.certificates.map(({ length }) => `Authenticode, ${length} bytes`);
}

function listAppended(bytes: Uint8Array): string[] {
  const appended = attempt(() => parseModuleSignature(bytes));
  if (appended instanceof KexecError) return [`appended, malformed: ${appended.seen}`];
  return appended === undefined ? [] : ['appended, for IMA'];
}

function formatDigest(hash: HashName, digest: Uint8Array): string {
  return `${hash}:${toHex(digest)}`;
}
