import { toHex } from '../../base/bytes.js';
import type { Certificate } from '../x509/certificate.js';

/** What has a certificate. */
interface HasCertificate {
  readonly certificate: Pick<Certificate, 'id' | 'skid'>;
}

/**
 * Finds embedded certificates by their identifiers, the first one with each, in a time that does not depend on their
 * number: a message may have thousands of signers and of certificates.
 */
export class LinkIndex<Link extends HasCertificate> {
  readonly #byId = new Map<string, Link>();
  readonly #bySkid = new Map<string, Link>();

  constructor(links: readonly Link[]) {
    for (const link of links) {
      const { id, skid } = link.certificate;
      addFirst(this.#byId, id, link);
      if (skid !== undefined) addFirst(this.#bySkid, skid, link);
    }
  }

  /** @param id - serial number and issuer: the result of `buildId()` */
  findById(id: Uint8Array): Link | undefined {
    return this.#byId.get(toHex(id));
  }

  findBySkid(skid: Uint8Array | undefined): Link | undefined {
    return skid === undefined ? undefined : this.#bySkid.get(toHex(skid));
  }
}

function addFirst<Link>(index: Map<string, Link>, id: Uint8Array, link: Link): void {
  const key = toHex(id);
  if (!index.has(key)) index.set(key, link);
}
