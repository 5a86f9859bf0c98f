import { concatenate, equalBytes } from '../../base/bytes.js';

/**
 * Builds the identifier of a certificate by its serial number and issuer: kernel function
 * `asymmetric_key_generate_id()`.
 */
export function buildId(serial: Uint8Array, issuer: Uint8Array): Uint8Array {
  return concatenate([serial, issuer]);
}

/** Whether two identifiers are there, and are the same: kernel function `asymmetric_key_id_same()`. */
export function isSameId(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a !== undefined && b !== undefined && equalBytes(a, b);
}
