/** The grammar of AlgorithmIdentifier and its parts, for structures that name algorithms: RFC 5280, section 4.1.1.2. */
import { OBJECT_IDENTIFIER, SEQUENCE } from './asn1-tags.js';
import { type BerMatch, decodeBer } from './ber.js';

/** An AlgorithmIdentifier. */
export interface AlgorithmIdentifier {
  /** Dotted. */
  readonly oid: string;
  /** The parameters, encoded; empty if there are none. */
  readonly parameters: Uint8Array;
}

const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Before one is read. */
export const NO_ALGORITHM: AlgorithmIdentifier = { oid: '', parameters: NO_BYTES };

/** Parses an AlgorithmIdentifier. @throws KexecError check `ber` */
export function parseAlgorithm(bytes: Uint8Array): AlgorithmIdentifier {
  let found = NO_ALGORITHM;
  decodeBer(
    bytes,
    matchAlgorithm((value) => (found = value)),
    'AlgorithmIdentifier',
  );
  return found;
}

/** Matches an AlgorithmIdentifier. */
export function matchAlgorithm(note: (algorithm: AlgorithmIdentifier) => void): BerMatch {
  const type = { oid: '' };
  let parameters = NO_BYTES;
  return {
    match: SEQUENCE,
    body: [matchOid(type), { match: 'any', optional: true, note: ({ whole }) => (parameters = whole) }],
    note: () => {
      note({ oid: type.oid, parameters });
      parameters = NO_BYTES;
    },
  };
}

/** Matches an object identifier, and notes it dotted. */
export function matchOid(into: { oid: string }): BerMatch {
  return {
    match: OBJECT_IDENTIFIER,
    note: ({ value }) => {
      into.oid = formatOid(value);
    },
  };
}

/** The dotted text of an object identifier: X.690, section 8.19. */
export function formatOid(contents: Uint8Array): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of contents) {
    arc = arc * 128 + (octet & 0x7f);
    if (octet < 0x80) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const top = Math.min(Math.floor(first / 40), 2);
  return [top, first - top * 40, ...rest].join('.');
}

/** A number of at most six bytes; larger ones are as good as infinite. */
export function readSmallNumber(contents: Uint8Array): number {
  if (contents.length > 6) return Number.POSITIVE_INFINITY;
  return contents.reduce((number, octet) => number * 256 + octet, 0);
}
