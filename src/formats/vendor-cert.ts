import { BoundedBytes } from '../base/bytes.js';

/**
 * The keys that a distribution built into its shim. Both are empty if it has none, and share memory with the section.
 */
export interface VendorCert {
  /** Its CA: a certificate in DER, or an EFI signature list of several. */
  readonly authorized: Uint8Array;
  /** Revoked certificates and digests: an EFI signature list. */
  readonly deauthorized: Uint8Array;
}

/** The section of a shim that holds them. */
export const VENDOR_CERT_SECTION = '.vendor_cert';

/** Two sizes and two offsets, 32 bits each. */
const TABLE_SIZE = 16;

/**
 * Parses the section `.vendor_cert` of a shim: the sizes of the authorized and the deauthorized list, their offsets
 * from the start of the section, then both lists (shim's `cert.S`).
 *
 * @param section - the section's bytes
 * @throws KexecError EBADMSG, `vendor-cert`: a list does not lie within the section.
 */
export function parseVendorCert(section: Uint8Array): VendorCert {
  const bytes = new BoundedBytes(section, {
    what: VENDOR_CERT_SECTION,
    check: 'vendor-cert',
    errno: 'EBADMSG',
  });
  bytes.slice(0, TABLE_SIZE, 'the table');
  return {
    authorized: bytes.slice(bytes.u32le(8), bytes.u32le(0), "the vendor's CA"),
    deauthorized: bytes.slice(bytes.u32le(12), bytes.u32le(4), "the vendor's dbx"),
  };
}
