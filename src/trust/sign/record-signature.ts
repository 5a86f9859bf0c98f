import { equalBytes } from '../../base/bytes.js';
import { attempt, KexecError } from '../../base/error.js';
import {
  constructedTag,
  INTEGER,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  SEQUENCE,
  SET,
} from '../../formats/asn1-tags.js';
import { type BerStep, decodeBer } from '../../formats/ber.js';
import { encodeInteger, encodeObjectIdentifier, encodeSequence, encodeSetOf } from '../../formats/der.js';
import type { DataDirectory } from '../../formats/pe/parse.js';
import { decodeInteger } from '../x509/integers.js';

/** What signing changes in a PE file besides adding a signature, as it was before. */
export interface OriginalEnd {
  /** Bytes of the file. */
  readonly length: number;
  readonly checkSum: number;
  /** The certificate table's data directory. */
  readonly directory: DataDirectory;
}

/**
 * The contents of the object identifier 2.25.251674211670225244652197704355634957907, of UUID
 * bd56b0a7-05f9-439f-9e51-ce8f545b4e53: an attribute of kexec-file, in the arc that needs no registration.
 */
const RECORD_OID = Uint8Array.of(
  ...[0x69, 0x82, 0xfa, 0xd6, 0xd8, 0xa9, 0xe0, 0xdf, 0xca, 0x8e],
  ...[0xbf, 0x9e, 0xa8, 0xf3, 0xd1, 0xf5, 0xa2, 0xed, 0x9c, 0x53],
);

/** Builds an unauthenticated attribute that records how a file ended before it was signed: four numbers of 32 bits. */
export function buildRecord({ length, checkSum, directory }: OriginalEnd): Uint8Array {
  const numbers = [length, checkSum, directory.virtualAddress, directory.size];
  return encodeSequence(
    encodeObjectIdentifier(RECORD_OID),
    encodeSetOf(encodeSequence(...numbers.map((number) => encodeInteger(number)))),
  );
}

/**
 * Reads the record in a PKCS#7 message. It is not signed.
 *
 * @returns undefined if there is none, or the message is malformed
 */
export function readRecord(pkcs7: Uint8Array): OriginalEnd | undefined {
  let isRecord = false;
  const numbers: number[] = [];
  const attribute: BerStep = {
    match: SEQUENCE,
    body: [
      {
        match: OBJECT_IDENTIFIER,
        note: ({ value }) => {
          isRecord = equalBytes(value, RECORD_OID);
        },
      },
      {
        match: SET,
        note: ({ value }) => {
          if (isRecord) numbers.push(...readNumbers(value));
        },
      },
    ],
  };
  const refusal = attempt(() => decodeBer(pkcs7, messageGrammar(attribute), 'PKCS#7 message'));
  if (refusal instanceof KexecError) return undefined;
  const [length, checkSum, virtualAddress, size, ...more] = numbers;
  if (length === undefined || checkSum === undefined || virtualAddress === undefined) return undefined;
  return size === undefined || more.length > 0
    ? undefined
    : { length, checkSum, directory: { virtualAddress, size } };
}

/** A SignedData down to the unauthenticated attributes of its signers: RFC 5652, sections 5.1 and 5.3. */
function messageGrammar(attribute: BerStep): BerStep {
  const signer: BerStep = {
    match: SEQUENCE,
    body: [
      { match: INTEGER },
      { match: 'any' },
      { match: SEQUENCE },
      { match: constructedTag(0), optional: true },
      { match: SEQUENCE },
      { match: OCTET_STRING },
      { match: constructedTag(1), optional: true, repeated: true, body: [attribute] },
    ],
  };
  const signedData: readonly BerStep[] = [
    { match: INTEGER },
    { match: SET },
    { match: SEQUENCE },
    { match: constructedTag(0), optional: true },
    { match: constructedTag(1), optional: true },
    { match: SET, repeated: true, body: [signer] },
  ];
  return {
    match: SEQUENCE,
    body: [
      { match: OBJECT_IDENTIFIER },
      { match: constructedTag(0), body: [{ match: SEQUENCE, body: signedData }] },
    ],
  };
}

function readNumbers(value: Uint8Array): number[] {
  const numbers: number[] = [];
  const grammar: BerStep = {
    match: SEQUENCE,
    repeated: true,
    body: [
      {
        match: INTEGER,
        note: ({ value: octets }) => {
          numbers.push(octets.length <= 5 ? Number(decodeInteger(octets)) : Number.NaN);
        },
      },
    ],
  };
  decodeBer(value, grammar, 'record of the unsigned file');
  return numbers.every((number) => number < 2 ** 32) ? numbers : [];
}
