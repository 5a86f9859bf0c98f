import type { Oid } from './oids.js';

/** The parameter sets of ML-DSA (FIPS 204), by the kernel's names. */
export const ML_DSA_NAMES = ['mldsa44', 'mldsa65', 'mldsa87'] as const;

export type MlDsaName = (typeof ML_DSA_NAMES)[number];

/** The object identifiers of keys and of signatures, which are the same: RFC 9881, section 2. */
export const ML_DSA_OIDS = {
  mldsa44: 'mlDsa44',
  mldsa65: 'mlDsa65',
  mldsa87: 'mlDsa87',
} as const satisfies Record<MlDsaName, Oid>;

/** Finds the parameter set of an object identifier. @returns undefined for all others */
export function findMlDsa(oid: Oid | undefined): MlDsaName | undefined {
  return ML_DSA_NAMES.find((name) => ML_DSA_OIDS[name] === oid);
}

/** Describes an algorithm that a kernel does not know. */
export function describeUnknown(oid: Oid | undefined): string {
  const name = findMlDsa(oid);
  return name === undefined ? (oid ?? 'unregistered') : `${name}, which Linux verifies from 7.0 on`;
}

/** Whether a key or a signature is of ML-DSA. */
export function isMlDsa(algorithm: string): algorithm is MlDsaName {
  return ML_DSA_NAMES.some((name) => name === algorithm);
}
