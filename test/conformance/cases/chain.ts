import { contextPrimitive, element, integer, oid, sequence } from '../../support/der.js';
import { attribute, contentsOfElement, signedFile } from '../authenticode.js';
import { type Case, casesFor, casesOf } from '../case.js';
import {
  authorityKeyIdentifier,
  type CertificateFields,
  caExtensions,
  type Identity,
  issue,
  issueSelfSigned,
  keyIdOf,
  name,
  reAlgorithm,
  subjectKeyIdentifier,
} from '../certificates.js';
import {
  ca,
  ecKey,
  intermediate,
  leaf,
  rsaKey,
  secondSigner,
  signer,
  strangeCa,
  stranger,
  strangeSigner,
  trustedSigner,
} from '../identities.js';
import { changeAt, flipped } from '../mutations.js';
import { OID_TABLE } from '../oids.js';

const nothing = new Uint8Array();

/** A certificate to which others refer as their issuer: only the given fields count. */
function posingAs(certificate: Partial<Identity['certificate']>, key: Identity['key']): Identity {
  return { key, certificate: { ...ca().certificate, ...certificate } };
}

function idOf({ certificate }: Identity) {
  return { issuer: certificate.issuer, serial: contentsOfElement(certificate.serial) };
}

/** A CA under another issuer. */
function caUnder(issuer: Identity, owner: string, fields: Partial<CertificateFields> = {}): Identity {
  const key = rsaKey(owner);
  return issue(owner, key, issuer, {
    fields: { extensions: caExtensions(key, issuer.certificate), ...fields },
  });
}

/** Chains of certificates to the CA: long, broken, circular, ambiguous. */
export function chainCases(): Case[] {
  const ders = (...identities: readonly Identity[]) => identities.map(({ certificate }) => certificate.der);
  const file = (signer: Identity, ...others: readonly Identity[]) =>
    signedFile({ signer, certificates: ders(signer, ...others) });
  const loose = (signer: Identity, ...certificates: readonly Uint8Array[]) =>
    signedFile({ signer, certificates });

  const second = caUnder(intermediate(), 'second intermediate');
  const third = caUnder(second, 'third intermediate');
  const last = issue('last', rsaKey('leaf'), third);
  const expired = caUnder(ca(), 'expired intermediate', {
    notBefore: element(0x17, Buffer.from('000101000000Z')),
    notAfter: element(0x17, Buffer.from('010101000000Z')),
  });
  const noCa = issue('no ca', rsaKey('intermediate'), ca());
  const ecIntermediate = issue('ec intermediate', ecKey('intermediate', 'p384'), ca());

  // Another certificate for an issuer, with the same name and serial number, for another key.
  const otherKey = issue('intermediate', rsaKey('other intermediate'), ca(), {
    fields: {
      extensions: [
        subjectKeyIdentifier(intermediate().certificate.keyId),
        authorityKeyIdentifier({ keyId: ca().certificate.keyId }),
      ],
    },
  });
  const fakeCa = issueSelfSigned('kexec-file oracle CA', rsaKey('fake ca'), {
    fields: {
      serial: ca().certificate.serial,
      subject: ca().certificate.subject,
      issuer: ca().certificate.issuer,
      extensions: [subjectKeyIdentifier(ca().certificate.keyId)],
    },
  });
  const byFakeCa = issue('by fake ca', rsaKey('leaf'), {
    key: rsaKey('fake ca'),
    certificate: ca().certificate,
  });
  const broken = issue('by broken', rsaKey('leaf'), intermediate());
  const brokenDer = flipped(broken.certificate.der, broken.certificate.der.length - 1) ?? nothing;
  const brokenIntermediate =
    flipped(intermediate().certificate.der, intermediate().certificate.der.length - 1) ?? nothing;

  const [loopA, loopB] = loop();
  const [gostIssuer, gostLeaf] = gost();
  const unsignedLeaf = issue('leaf', rsaKey('somebody'), ca(), {
    fields: { serial: leaf().certificate.serial, issuer: leaf().certificate.issuer },
  });
  return casesOf({
    'three intermediates': () => file(last, third, second, intermediate()),
    'three intermediates, in reverse': () => loose(last, ...ders(intermediate(), second, third, last)),
    'three intermediates and the CA': () => file(last, third, second, intermediate(), ca()),
    'three intermediates, the first missing': () => file(last, second, intermediate()),
    'three intermediates, the second missing': () => file(last, third, intermediate()),
    'three intermediates, the last missing': () => file(last, third, second),
    'an expired intermediate': () => file(issue('by expired', rsaKey('leaf'), expired), expired),
    'an intermediate that is no CA': () => file(issue('by no ca', rsaKey('leaf'), noCa), noCa),
    'an intermediate with ECDSA': () => file(issue('by ec', rsaKey('leaf'), ecIntermediate), ecIntermediate),
    'an intermediate whose signature is broken': () =>
      loose(leaf(), leaf().certificate.der, brokenIntermediate),
    'a leaf whose signature is broken': () => loose(broken, brokenDer),
    'a leaf whose signature is broken, its issuer embedded': () =>
      loose(broken, brokenDer, intermediate().certificate.der),
    'a broken certificate of somebody else': () => loose(signer(), signer().certificate.der, brokenDer),
    'another certificate with the name of the issuer': () => file(leaf(), otherKey),
    'another certificate with the name of the issuer, then the issuer': () =>
      file(leaf(), otherKey, intermediate()),
    'another certificate with the name of the issuer, behind the issuer': () =>
      file(leaf(), intermediate(), otherKey),
    'a CA that has the name and number of the trusted one': () => file(byFakeCa, fakeCa),
    'a CA that has the name and number of the trusted one, alone': () => file(fakeCa),
    'a good signer, and a CA that has the name and number of the trusted one': () => file(signer(), fakeCa),
    'signed by another key than its issuer has': () => file(byFakeCa),
    'a circle of two': () => file(loopA, loopB),
    'a circle of two, one missing': () => file(loopA),
    'a circle of two, and the CA': () => file(loopA, loopB, ca()),
    'a chain into a circle': () => {
      const into = issue('into circle', rsaKey('leaf'), loopA);
      return file(into, loopA, loopB);
    },
    'the certificate of the signer is of another key': () => loose(leaf(), unsignedLeaf.certificate.der),
    'the certificate of the signer is of another key, then the right one': () =>
      loose(leaf(), unsignedLeaf.certificate.der, leaf().certificate.der),
    'the certificate of the signer, then one of another key': () =>
      loose(leaf(), leaf().certificate.der, unsignedLeaf.certificate.der),
    'a trusted signer, not embedded': () => loose(trustedSigner()),
    'a trusted signer': () => file(trustedSigner()),
    'a trusted signer and the CA': () => file(trustedSigner(), ca()),
    'a trusted intermediate, the leaf alone': () => file(leaf()),
    'a trusted intermediate, the leaf not embedded': () => loose(leaf()),
    'a trusted intermediate as signer, not embedded': () => loose(intermediate()),
    'a trusted intermediate under two others': () => file(last, third, second),
    'a stranger under a trusted name': () => {
      const poser = issueSelfSigned('trusted signer', rsaKey('poser'), {
        fields: { serial: trustedSigner().certificate.serial, issuer: trustedSigner().certificate.issuer },
      });
      return file(poser);
    },
    'a stranger under a trusted name, not embedded': () =>
      signedFile({
        signer: { ...stranger(), certificate: trustedSigner().certificate },
        certificates: [],
      }),
    'a stranger under a trusted name, of another kind of key, not embedded': () =>
      signedFile({
        signer: { key: ecKey('stranger', 'p256'), certificate: trustedSigner().certificate },
        certificates: [],
      }),
    'a trusted signer by its key identifier': () =>
      signedFile({
        signer: trustedSigner(),
        certificates: [],
        messageVersion: integer(3),
        version: integer(3),
        signerId: contextPrimitive(0, trustedSigner().certificate.keyId),
      }),
    'a trusted signer by its key identifier, embedded': () =>
      signedFile({
        signer: trustedSigner(),
        messageVersion: integer(3),
        version: integer(3),
        signerId: contextPrimitive(0, trustedSigner().certificate.keyId),
      }),
    'a trusted signer that is said to be another': () =>
      signedFile({
        signer: trustedSigner(),
        certificates: [],
        signerId: sequence(ca().certificate.issuer, ca().certificate.serial),
      }),
    'a trusted signer with an unknown digest': () =>
      signedFile({
        signer: trustedSigner(),
        certificates: [],
        digestAlgorithm: sequence(oid(OID_TABLE.sm3)),
      }),
    'a trusted signer with an unknown attribute': () =>
      signedFile({
        signer: trustedSigner(),
        certificates: [],
        attributes: (ordinary) => [...ordinary, attribute(OID_TABLE.unknown, integer(1))],
      }),
    'a second signer beside a trusted one': () => file(secondSigner(), trustedSigner()),
    'a trusted signer, as its own issuer': () => loose(trustedSigner(), asOwnIssuer(trustedSigner())),
    'a trusted signer, as its own issuer, of an unknown digest': () =>
      loose(
        trustedSigner(),
        reAlgorithm(asOwnIssuer(trustedSigner()), sequence(oid(OID_TABLE['gost2012 signature 256']))),
      ),
    'an issuer with a GOST key': () => loose(leaf(), gostLeaf.certificate.der, gostIssuer.certificate.der),
  });
}

/**
 * A certificate with the serial number and the key of another, self-signed, with the name of the other's issuer: it is
 * found by its number, but has another key identifier.
 */
function asOwnIssuer({ key, certificate: { issuer, serial } }: Identity): Uint8Array {
  const fields = {
    serial,
    issuer,
    subject: issuer,
    extensions: [subjectKeyIdentifier(Uint8Array.of(1, 2, 3))],
  };
  return issueSelfSigned('own issuer', key, { fields }).certificate.der;
}

/** Messages of two signers whose chains meet. */
export function sharedChainCases(): Case[] {
  const sibling = issue('sibling', rsaKey('signer'), intermediate());
  const strangeSibling = issue('strange sibling', rsaKey('leaf'), strangeCa());
  const identities = {
    leaf: leaf(),
    sibling,
    intermediate: intermediate(),
    stranger: strangeSigner(),
    strangeSibling,
  };
  const names = Object.keys(identities) as (keyof typeof identities)[];
  const ders = Object.values({ ...identities, ca: ca(), strangeCa: strangeCa() }).map(
    ({ certificate }) => certificate.der,
  );
  const companies: Record<string, readonly Uint8Array[]> = {
    'all embedded': ders,
    'leaves embedded': ders.filter((_, index) => [0, 1, 3, 4].includes(index)),
    'none but the CAs embedded': ders.slice(5),
  };
  return Object.entries(companies).flatMap(([company, certificates]) =>
    names.flatMap((first) =>
      casesFor(
        names,
        (second) => `${first}, then ${second}, ${company}`,
        (second) =>
          signedFile({
            certificates,
            signers: [{ signer: identities[first] }, { signer: identities[second] }],
          }),
      ),
    ),
  );
}

/** An issuer with a type of key that the kernel knows only by name, and a leaf that claims its signature. */
function gost(): [Identity, Identity] {
  const gostKey = changeAt(rsaKey('leaf').publicKeyInfo, [0, 0], () => oid(OID_TABLE['gost2012 key 256']));
  const issuer = issue('gost issuer', rsaKey('leaf'), ca(), { fields: { publicKeyInfo: gostKey } });
  const { key, certificate } = issue('leaf', rsaKey('leaf'), intermediate(), {
    fields: { extensions: [authorityKeyIdentifier({ keyId: issuer.certificate.keyId })] },
  });
  const algorithm = sequence(oid(OID_TABLE['gost2012 signature 256']));
  const der = changeAt(
    changeAt(certificate.der, [1], () => algorithm),
    [0, 2],
    () => algorithm,
  );
  return [issuer, { key, certificate: { ...certificate, der } }];
}

/** Two CAs that issued each other. */
function loop(): [Identity, Identity] {
  const keys = [rsaKey('circle a'), rsaKey('circle b')] as const;
  const names = ['circle a', 'circle b'] as const;
  const half = (own: 0 | 1): Identity => {
    const other = own === 0 ? 1 : 0;
    return issue(
      names[own],
      keys[own],
      posingAs({ subject: name(names[other]), keyId: keyIdOf(keys[other]) }, keys[other]),
      {
        fields: {
          extensions: [
            subjectKeyIdentifier(keyIdOf(keys[own])),
            authorityKeyIdentifier({ keyId: keyIdOf(keys[other]) }),
          ],
        },
      },
    );
  };
  return [half(0), half(1)];
}

/** Claims of a leaf about its issuer, right or wrong: the CA's key identifier, name and serial number. */
export function authorityCases(): Case[] {
  const wrongKey = keyIdOf(rsaKey('somebody'));
  const { keyId } = ca().certificate;
  const { issuer, serial } = idOf(ca());
  const parts: Record<string, Parameters<typeof authorityKeyIdentifier>[0] | undefined> = {
    nothing: undefined,
    'an empty sequence': {},
    'key identifier': { keyId },
    'wrong key identifier': { keyId: wrongKey },
    'name and number': { issuer, serial },
    'name and wrong number': { issuer, serial: Uint8Array.of(1) },
    'wrong name and number': { issuer: name('x'), serial },
    'all three': { keyId, issuer, serial },
    'all three, wrong key identifier': { keyId: wrongKey, issuer, serial },
    'all three, wrong number': { keyId, issuer, serial: Uint8Array.of(1) },
    'all three, empty key identifier': { keyId: nothing, issuer, serial },
    'the key identifier as its own name and number': {
      keyId: Buffer.concat([serial, contentsOfElement(issuer)]),
    },
  };
  const owners: Record<string, Identity> = {
    'the CA': ca(),
    somebody: posingAs({}, rsaKey('somebody')),
  };
  return Object.entries(owners).flatMap(([owner, issuerIdentity]) =>
    ['alone', 'with the CA'].flatMap((company) =>
      casesFor(
        Object.entries(parts),
        ([what]) => `names ${what}, signed by ${owner}, ${company}`,
        ([, part]) => {
          const extensions = [
            subjectKeyIdentifier(keyIdOf(rsaKey('leaf'))),
            ...(part === undefined ? [] : [authorityKeyIdentifier(part)]),
          ];
          const one = issue('under ca', rsaKey('leaf'), issuerIdentity, { fields: { extensions } });
          const others = company === 'alone' ? [] : [ca().certificate.der];
          return signedFile({ signer: one, certificates: [one.certificate.der, ...others] });
        },
      ),
    ),
  );
}
