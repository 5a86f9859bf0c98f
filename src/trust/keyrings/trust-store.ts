import { decodeLatin1 } from '../../base/bytes.js';
import { attempt, KexecError } from '../../base/error.js';
import type { Hashes } from '../hashes.js';
import { type Certificate, parseCertificate } from '../x509/certificate.js';
import { SignatureChecks } from '../x509/signature-work.js';
import { CertificateBlacklist } from './certificate-blacklist.js';
import type { Keyring, KeyringName, SkippedCertificate, TrustStore } from './keyring.js';
import type { KeyringFile } from './keyring-file.js';

/** A file of certificates, and the keyring for them. What the file revokes goes into the blacklist. */
export interface TrustSource {
  /** Its path, for errors. */
  readonly name: string;
  readonly keyring: KeyringName;
  readonly file: KeyringFile;
}

/** What the user trusts and revokes, before the keys of a machine are added. Plain data, which threads can be sent. */
export interface GivenTrust {
  readonly sources: readonly TrustSource[];
  /** Whether the user names certificates to trust, not only some to revoke. */
  readonly namesTrusted: boolean;
}

/** A trust store from files, with the keyring of IMA. */
export interface LoadedTrustStore extends TrustStore {
  /** The certificates for the kernel's `.ima` keyring; empty if no file was given for it. */
  readonly ima: readonly Certificate[];
  readonly skipped: readonly SkippedCertificate[];
}

const KEXEC_KEYRINGS = ['builtin', 'secondary', 'machine', 'platform'] as const satisfies Keyring['name'][];

/**
 * Builds a trust store from the contents of files.
 *
 * As for the kernel, a certificate in a keyring is trusted: it need not be self-signed, nor a CA, nor valid today. The
 * kernel skips a certificate that it cannot parse, and logs that; here it is an error. Blacklisted certificates are
 * kept out of every keyring. The kernel fills builtin and platform before it reads dbx, and so keeps them out of the
 * others only (`x509_key_preparse()`, `load_uefi_certs()`).
 *
 * @throws KexecError with the check and errno of the certificate's fault, naming the file.
 */
export function buildTrustStore(sources: readonly TrustSource[], hashes: Hashes): LoadedTrustStore {
  // Folders contain links, and bundles overlap: equal bytes are one certificate.
  const parsed = new Map<string, Certificate>();
  const checks = new SignatureChecks(hashes);
  const parseAll = (name: string, ders: readonly Uint8Array[]) =>
    ders.map((der, index) => {
      const contents = decodeLatin1(der);
      const certificate = parsed.get(contents) ?? parseFrom(name, der, index, { hashes, checks });
      parsed.set(contents, certificate);
      return certificate;
    });
  const blacklist = {
    certificateHashes: [...new Set(sources.flatMap(({ file }) => file.certificateHashes))],
    kernelCertificateHashes: [...new Set(sources.flatMap(({ file }) => file.kernelCertificateHashes))],
    fileHashes: [...new Set(sources.flatMap(({ file }) => file.fileHashes))],
    certificates: [...new Set(sources.flatMap(({ name, file }) => parseAll(name, file.revokedCertificates)))],
  };

  const revoked = new CertificateBlacklist(blacklist, hashes);
  const skipped: SkippedCertificate[] = [];
  const kept: { readonly keyring: KeyringName; readonly certificate: Certificate }[] = [];
  for (const { name, keyring, file } of sources) {
    for (const certificate of parseAll(name, file.certificates)) {
      if (revoked.has(certificate)) skipped.push({ source: name, keyring, certificate });
      else kept.push({ keyring, certificate });
    }
  }
  const contentsOf = (name: KeyringName) => [
    ...new Set(kept.filter(({ keyring }) => keyring === name).map(({ certificate }) => certificate)),
  ];
  return {
    keyrings: KEXEC_KEYRINGS.map((name) => ({ name, certificates: contentsOf(name) })),
    ima: contentsOf('ima'),
    blacklist,
    skipped,
  };
}

/** What parsing a certificate needs; all certificates of a store share it. */
interface Parsing {
  readonly hashes: Hashes;
  readonly checks: SignatureChecks;
}

function parseFrom(source: string, der: Uint8Array, index: number, { hashes, checks }: Parsing): Certificate {
  const certificate = attempt(() => parseCertificate(der, hashes, checks));
  if (certificate instanceof KexecError) {
    throw certificate.with(`${source}: certificate ${index + 1}: ${certificate.seen}`);
  }
  return certificate;
}
