import type { Keyring, KeyringName } from '../keyrings/keyring.js';
import type { LoadedTrustStore } from '../keyrings/trust-store.js';
import type { Certificate } from '../x509/certificate.js';
import { isSameId } from '../x509/key-id.js';

/** A keyring that IMA searches, under the name that it has in messages. */
export interface ImaKeyring {
  readonly name: KeyringName;
  readonly certificates: readonly Certificate[];
}

/**
 * The keyrings that IMA searches for a kernel's key, in its order: `.ima`, then `.platform` unless it is empty.
 *
 * A kernel's `.ima` holds its module signing key, and what was added later: certificates for digital signatures that a
 * builtin key vouches for (`restrict_link_to_ima()`). If no certificate was given for it, all certificates of
 * builtin, secondary and machine count as being there.
 */
export function listImaKeyrings(store: Pick<LoadedTrustStore, 'ima' | 'keyrings'>): ImaKeyring[] {
  const named = (...names: readonly Keyring['name'][]) =>
    store.keyrings.filter(({ name }) => names.includes(name)).flatMap(({ certificates }) => certificates);
  const ima = store.ima.length > 0 ? store.ima : named('builtin', 'secondary', 'machine');
  const platform = named('platform');
  return [
    { name: 'ima', certificates: ima },
    ...(platform.length > 0 ? [{ name: 'platform' as const, certificates: platform }] : []),
  ];
}

/**
 * The key id by which the kernel finds a certificate: the last four bytes of its subject key identifier, or, without
 * one, of its issuer, with which the kernel's other identifier ends. The first byte is the highest.
 */
export function findImaKeyId(certificate: Certificate): number {
  const tail = (certificate.skid ?? certificate.id).subarray(-4);
  return tail.reduce((number, byte) => number * 256 + byte, 0);
}

/**
 * Finds a certificate by a key id. The kernel compares the end of either identifier (`asymmetric_key_cmp_partial()`),
 * and takes any of several keys that match.
 */
export function findByKeyId({ certificates }: ImaKeyring, keyId: number): Certificate | undefined {
  const wanted = Uint8Array.of(keyId >>> 24, keyId >>> 16, keyId >>> 8, keyId);
  return certificates.find(({ id, skid }) =>
    [id, skid].some((whole) => isSameId(whole?.subarray(-wanted.length), wanted)),
  );
}
