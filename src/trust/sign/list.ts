import { attempt, KexecError } from '../../base/error.js';
import { parsePe, type WinCertificate } from '../../formats/pe/parse.js';
import type { Hashes, HashName } from '../hashes.js';
import { type IndirectData, parseIndirectData } from '../pe/mscode.js';
import type { Pkcs7Message } from '../pkcs7/message.js';
import { parsePkcs7 } from '../pkcs7/parse-message.js';
import { isSameId } from '../x509/key-id.js';
import { SignatureChecks } from '../x509/signature-work.js';

/** The signer that a signature names. */
export interface ListedSigner {
  readonly hash: HashName;
  /** `rsa`, `ecdsa`. */
  readonly algorithm: string;
  /** Seconds since 1970. */
  readonly signingTime: bigint | undefined;
  /** Names and serial number of the signer's certificate, if the signature embeds it. */
  readonly certificate:
    | { readonly subject: string; readonly issuer: string; readonly serial: Uint8Array }
    | undefined;
}

/** The kernel verifies the first signature of a PE file alone; this is the warning for the others. */
export const IGNORED_SIGNATURE_WARNING = 'the kernel will never look at this signature';

/** A signature of a PE file, unverified. */
export interface ListedSignature {
  readonly index: number;
  /** Whether the kernel verifies it: the kernel verifies only the first. */
  readonly isFirst: boolean;
  readonly certificate: WinCertificate;
  /** The signed digest of the file. */
  readonly content: IndirectData | undefined;
  readonly signers: readonly ListedSigner[];
  /** Why it cannot be parsed by the kernel's rules. */
  readonly problem: KexecError | undefined;
}

/**
 * Lists the signatures of a PE file, and the signers that each names. Nothing is verified.
 *
 * @throws KexecError as `parsePe()`. A signature that cannot be parsed is listed with the reason.
 */
export function listSignatures(file: Uint8Array, hashes: Hashes): ListedSignature[] {
  const checks = new SignatureChecks(hashes);
  return parsePe(file).certificates.map((certificate, index) => {
    const place = { index, isFirst: index === 0, certificate };
    const parsed = attempt(() => {
      const message = parsePkcs7(certificate.bytes, hashes, checks);
      const content = message.content && parseIndirectData(message.content.whole);
      return { content, signers: listMessageSigners(message) };
    });
    return parsed instanceof KexecError
      ? { ...place, content: undefined, signers: [], problem: parsed }
      : { ...place, ...parsed, problem: undefined };
  });
}

/**
 * Names the signer of a PE file, unverified: the subject of the certificate that its first signature embeds, which is
 * the signature that the kernel verifies.
 *
 * @returns undefined for a file that is no PE file, has no signature, or does not name its signer
 */
export function findClaimedSigner(file: Uint8Array, hashes: Hashes): string | undefined {
  const signatures = attempt(() => listSignatures(file, hashes));
  return signatures instanceof KexecError ? undefined : signatures[0]?.signers[0]?.certificate?.subject;
}

/** Lists the signers that a message names. Nothing is verified. */
export function listMessageSigners({ signers, certificates }: Pkcs7Message): ListedSigner[] {
  return signers.map(({ id, signature, signingTime }) => {
    const certificate = certificates.find((embedded) => isSameId(embedded.id, id));
    return {
      hash: signature.hash,
      algorithm: signature.algorithm,
      signingTime,
      certificate: certificate && {
        subject: certificate.subjectText,
        issuer: certificate.issuerText,
        serial: certificate.serial,
      },
    };
  });
}
