import { toHex } from '../base/bytes.js';
import type { Check } from '../base/checks.js';
import { attempt, KexecError } from '../base/error.js';
import { Trail, type TrailEntry } from '../base/trail.js';
import { parseModuleSignature } from '../formats/module-signature.js';
import { parsePe } from '../formats/pe/parse.js';
import type { Hashes, HashName } from './hashes.js';
import { listImaKeyrings } from './ima/ima-keyrings.js';
import { ImaVerifier } from './ima/ima-verifier.js';
import type { LoadedTrustStore } from './keyrings/trust-store.js';
import { nameSigner } from './name-signer.js';
import { IGNORED_SIGNATURE_WARNING } from './sign/list.js';
import { Verifier, type VerifierOptions } from './verifier.js';

/** Which of a file's signatures is verified: the one that kexec verifies, or one of IMA's two. */
export type SignatureKind =
  | { readonly kind: 'pe' }
  | { readonly kind: 'appended' }
  /** The value of the attribute `security.ima`. */
  | { readonly kind: 'ima-xattr'; readonly value: Uint8Array };

/** Whether a file's signature is trusted, and why. */
export interface SignatureVerdict {
  readonly verdict: 'ok' | 'refused';
  readonly errno?: string;
  readonly check?: string;
  readonly detail: string;
  /** The subject of the signer's certificate. */
  readonly signer?: string;
  /**
   * The signers that the file's signature names, if that signature holds in itself, trusted or not: the subject of the
   * signer's certificate or, if that is not embedded, its issuer's.
   */
  readonly signers?: readonly string[];
  /** For a refusal for want of trust: every trusted certificate, and the keyring that holds it. */
  readonly trusted?: readonly { readonly subject: string; readonly keyring: string }[];
  /** The keyring that holds the last certificate of the chain. */
  readonly keyring?: string;
  /** The digest that was signed: algorithm, colon, lower-case hex. */
  readonly digest?: string;
  /** For a file that is trusted: which of its bytes no signature covers, and which kernels do not know its algorithm. */
  readonly notes?: readonly string[];
  /** The kinds of signature that the file carries. */
  readonly signatures: readonly string[];
  /** Those of `signatures` that the kernel ignores: it verifies the first of a PE file alone. */
  readonly ignoredSignatures: readonly string[];
  readonly trail: readonly TrailEntry[];
}

/** The checks whose notes matter to a user of a file that is trusted. */
const NOTED: readonly Check[] = ['pe-contents', 'pkcs7-algorithm'];

/** What {@link decideVerdict} verifies against. */
export interface VerdictOptions {
  /** The trusted and the revoked certificates. */
  readonly trust: LoadedTrustStore;
  /** The PE signature, which kexec verifies, if left out. */
  readonly signature?: SignatureKind | undefined;
  readonly hashes: Hashes;
}

/** Verifies a file's signature. @returns the verdict. Does not throw for what is wrong with the file. */
export function decideVerdict(
  file: Uint8Array,
  { trust, signature = { kind: 'pe' }, hashes }: VerdictOptions,
): SignatureVerdict {
  const trail = new Trail();
  const listed = listSignatures(file);
  const verifier = new Verifier({ store: trust, hashes, trail });
  const result = attempt(() =>
    signature.kind === 'pe'
      ? verifier.verifyForPolicy(file)
      : verifyForIma(file, signature, { store: trust, hashes, trail }),
  );
  const { signers } = verifier;
  const named = signers.length === 0 ? {} : { signers };
  if (result instanceof KexecError) {
    trail.refuse(result);
    const { errno, check, seen: detail } = result;
    const trusted = check === 'trust' ? { trusted: listTrusted(trust) } : {};
    return {
      verdict: 'refused',
      errno,
      check,
      detail,
      ...named,
      ...trusted,
      ...listed,
      trail: trail.entries,
    };
  }
  const { signer, keyring, hash, digest } = result;
  const notes = trail.entries.flatMap(({ check, verdict, detail }) =>
    verdict === 'note' && NOTED.includes(check) ? [detail] : [],
  );
  return {
    verdict: 'ok',
    detail: `signed by ${nameSigner(signer)}, trusted through the ${keyring} keyring`,
    ...(signer === undefined ? {} : { signer }),
    ...named,
    keyring,
    digest: `${hash}:${toHex(digest)}`,
    ...(notes.length === 0 ? {} : { notes }),
    ...listed,
    trail: trail.entries,
  };
}

interface Signature {
  readonly signer: string | undefined;
  readonly keyring: string;
  readonly hash: HashName;
  readonly digest: Uint8Array;
}

function listTrusted({ keyrings, ima }: LoadedTrustStore): { subject: string; keyring: string }[] {
  return [...keyrings, { name: 'ima', certificates: ima }].flatMap(({ name, certificates }) =>
    certificates.map(({ subjectText }) => ({ subject: subjectText, keyring: name })),
  );
}

function verifyForIma(
  file: Uint8Array,
  signature: Exclude<SignatureKind, { readonly kind: 'pe' }>,
  { store, hashes, trail }: VerifierOptions & { readonly store: LoadedTrustStore },
): Signature {
  const { blacklist } = store;
  const verifier = new ImaVerifier({ keyrings: listImaKeyrings(store), blacklist, hashes, trail });
  const verdict =
    signature.kind === 'appended'
      ? verifier.verifyAppended(file)
      : verifier.verifyXattr(file, signature.value);
  return { ...verdict, signer: verdict.signer?.subjectText };
}

type ListedSignatures = Pick<SignatureVerdict, 'signatures' | 'ignoredSignatures'>;

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
