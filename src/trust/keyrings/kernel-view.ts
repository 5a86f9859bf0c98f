import type { Hashes } from '../hashes.js';
import type { KernelTrustRules } from '../kernel-rules.js';
import type { Certificate } from '../x509/certificate.js';
import { isMlDsa } from '../x509/ml-dsa-names.js';
import { CertificateBlacklist } from './certificate-blacklist.js';
import type { Blacklist, Keyring, TrustStore } from './keyring.js';

/**
 * The keyrings and the blacklist as a kernel has them, by the rules of its release and configuration. The differences
 * to the store that this project enforces:
 *
 * - An entry of dbx of type X509_SHA256 counts only if all of it, its time of revocation included, equals a digest of
 *   the certificate (`uefi_blacklist_x509_tbs()`); one of type X509_SHA384 or X509_SHA512 never does.
 * - builtin and platform are filled before dbx is read, so that they contain blacklisted certificates, too.
 * - dbx does not list files for kexec.
 * - A kernel before 7.0 has no certificates with ML-DSA, because it cannot parse them.
 */
export function viewAsKernel(store: TrustStore, rules: KernelTrustRules, hashes: Hashes): TrustStore {
  const { knowsMlDsa, hasMlDsa } = rules;
  const canParse = ({ publicKey, signature }: Certificate): boolean =>
    knowsMlDsa || !(isMlDsa(publicKey.algorithm) || isMlDsa(signature.algorithm));
  const blacklist: Blacklist = {
    certificateHashes: store.blacklist.kernelCertificateHashes ?? store.blacklist.certificateHashes,
    rule: rules.blacklist,
    certificates: rules.revokesCertificates ? store.blacklist.certificates.filter(canParse) : [],
    fileHashes: store.blacklist.fileHashes,
  };
  const revoked = new CertificateBlacklist(blacklist, hashes);
  const held = (name: Keyring['name']): Certificate[] => listHeld(name).filter(canParse);
  const listHeld = (name: Keyring['name']): Certificate[] => [
    ...store.keyrings.filter((keyring) => keyring.name === name).flatMap(({ certificates }) => certificates),
    ...(store.skipped ?? []).flatMap(({ keyring, certificate }) =>
      keyring === name && (name === 'builtin' || name === 'platform' || !revoked.has(certificate))
        ? [certificate]
        : [],
    ),
  ];
  const [moks, platform] = [held('machine'), held('platform')];
  const isMachine = rules.hasMachineKeyring;
  const keyrings: Keyring[] = [
    { name: 'builtin', certificates: held('builtin') },
    { name: 'secondary', certificates: rules.searchesSecondary ? held('secondary') : [] },
    { name: 'machine', certificates: rules.searchesSecondary && isMachine ? moks : [] },
    {
      name: 'platform',
      certificates: rules.searchesPlatform ? [...platform, ...(isMachine ? [] : moks)] : [],
    },
  ];
  return { keyrings, blacklist, knowsMlDsa, hasMlDsa };
}
