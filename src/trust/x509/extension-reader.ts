import { refuse } from '../../base/error.js';
import { BIT_STRING, BOOLEAN, OCTET_STRING, SEQUENCE } from '../../formats/asn1-tags.js';
import type { BerStep } from '../../formats/ber.js';
import type { OidRegister } from './oid-register.js';

/** Reads the extensions of a certificate that the kernel knows (RFC 5280, section 4.2). */
export class ExtensionReader {
  readonly #oids: OidRegister;

  /** The subject key identifier, if there is one. */
  skid: Uint8Array | undefined;
  /** The encoded authority key identifier, if there is one. */
  authorityKeyIdentifier: Uint8Array | undefined;

  /** One extension. */
  readonly step: BerStep;

  constructor(oids: OidRegister) {
    this.#oids = oids;
    this.step = {
      match: SEQUENCE,
      body: [
        oids.step,
        { match: BOOLEAN, optional: true },
        { match: OCTET_STRING, note: ({ value }) => this.#noteExtension(value) },
      ],
    };
  }

  /** Kernel function `x509_process_extension()`. */
  #noteExtension(value: Uint8Array): void {
    switch (this.#oids.last) {
      case 'subjectKeyIdentifier':
        if (this.skid !== undefined) refuseMalformed('two subject key identifiers');
        if (!isSubjectKeyIdentifier(value)) refuseMalformed('a malformed subject key identifier');
        this.skid = value.subarray(2);
        break;
      case 'keyUsage':
        if (!isKeyUsage(value)) refuseMalformed('a malformed key usage');
        break;
      case 'authorityKeyIdentifier':
        this.authorityKeyIdentifier = value;
        break;
      case 'basicConstraints':
        if (!isBasicConstraints(value)) refuseMalformed('malformed basic constraints');
        break;
      default:
        break;
    }
  }
}

function isSubjectKeyIdentifier(value: Uint8Array): boolean {
  return value.length >= 3 && value[0] === OCTET_STRING && value[1] === value.length - 2;
}

function isKeyUsage(value: Uint8Array): boolean {
  return value.length >= 4 && value[0] === BIT_STRING && (value[2] ?? 0) < 8;
}

/** The forms of BasicConstraints that the kernel accepts: an empty one, or one that begins with cA TRUE. */
function isBasicConstraints(value: Uint8Array): boolean {
  if (value.length < 2 || value[0] !== SEQUENCE || value[1] !== value.length - 2) return false;
  return (
    value.length === 2 || (value.length >= 5 && value[2] === BOOLEAN && value[3] === 1 && value[4] === 0xff)
  );
}

function refuseMalformed(seen: string): never {
  refuse('certificate', 'EBADMSG', `certificate: ${seen}`);
}
