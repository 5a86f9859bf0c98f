import { OBJECT_IDENTIFIER } from '../../formats/asn1-tags.js';
import type { BerStep } from '../../formats/ber.js';
import { findOid, type Oid } from './oids.js';

/** Remembers the object identifier that was read last, as the kernel's parsers do: `last_oid` of their contexts. */
export class OidRegister {
  /** Undefined if the kernel does not know it. */
  last: Oid | undefined;

  /** The step of a grammar that reads an object identifier. */
  readonly step: BerStep = {
    match: OBJECT_IDENTIFIER,
    note: ({ value }) => {
      this.last = findOid(value);
    },
  };
}
