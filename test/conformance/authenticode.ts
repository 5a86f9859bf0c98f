import {
  bitString,
  context,
  contextPrimitive,
  element,
  integer,
  octetString,
  oid,
  sequence,
  set,
} from '../support/der.js';
import { computeDigest, type Digest, digestAlgorithm } from '../support/test-keys.js';
import type { Identity } from './certificates.js';
import { signer as ordinarySigner } from './identities.js';
import { attach, buildImage, peDigest, type WinCertificate } from './image.js';

export const CONTENT_OIDS = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  indirectData: '1.3.6.1.4.1.311.2.1.4',
  peImageData: '1.3.6.1.4.1.311.2.1.15',
} as const;

export const ATTRIBUTE_OIDS = {
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  smimeCapabilities: '1.2.840.113549.1.9.15',
  statementType: '1.3.6.1.4.1.311.2.1.11',
  opusInfo: '1.3.6.1.4.1.311.2.1.12',
} as const;

/** How a signer signs. Fields that are left out are those of an ordinary signature. */
export interface SignerRecipe {
  readonly signer?: Identity;
  readonly digest?: Digest;
  /** Returns the attributes; its argument has those of an ordinary signature. */
  readonly attributes?: (ordinary: readonly Uint8Array[]) => readonly Uint8Array[];
  /** Returns the contents of [0], which are signed as a SET; its argument has the {@link attributes} in sequence. */
  readonly change?: (attributes: Uint8Array) => Uint8Array;
  readonly version?: Uint8Array;
  readonly signerId?: Uint8Array;
  readonly digestAlgorithm?: Uint8Array;
  readonly signatureAlgorithm?: Uint8Array;
  /** Whether to leave the attributes out and sign the content. */
  readonly bare?: boolean;
  /** Returns the contents of encryptedDigest; its argument has the signed bytes. */
  readonly sign?: (signed: Uint8Array) => Uint8Array;
  readonly unauthenticated?: readonly Uint8Array[];
}

/** How a file is signed. Fields that are left out are those of an ordinary signature. */
export interface Recipe extends SignerRecipe {
  /** The unsigned file. */
  readonly image?: Uint8Array;
  readonly imageDigest?: Digest;
  /** Returns the bytes of SpcIndirectData; its argument has those of an ordinary signature. */
  readonly indirectData?: (ordinary: Uint8Array) => Uint8Array;
  readonly contentType?: string;
  /** Returns the elements after the type of the content: normally [0] around SpcIndirectData. */
  readonly content?: (indirectData: Uint8Array) => readonly Uint8Array[];
  readonly certificates?: readonly Uint8Array[];
  readonly messageVersion?: Uint8Array;
  readonly digestAlgorithms?: Uint8Array;
  readonly crls?: Uint8Array;
  /** Several signers, each with the fields that differ from the recipe's. */
  readonly signers?: readonly SignerRecipe[];
}

/** A file with an ordinary signature, except for the fields of a recipe. */
export function signedFile(recipe: Recipe = {}): Uint8Array {
  return attachMessage(recipe.image ?? buildImage(), signedMessage(recipe));
}

/** A file with a message in its certificate table. */
export function attachMessage(image: Uint8Array, ...messages: readonly Uint8Array[]): Uint8Array {
  return attach(
    image,
    messages.map((bytes): WinCertificate => ({ bytes })),
  );
}

/** The PKCS#7 message (RFC 2315, section 9.1) of an Authenticode signature. */
export function signedMessage(recipe: Recipe = {}): Uint8Array {
  const {
    image = buildImage(),
    imageDigest = 'sha256',
    signer = ordinarySigner(),
    contentType = CONTENT_OIDS.indirectData,
    certificates = [signer.certificate.der],
    messageVersion = integer(1),
    digestAlgorithms = set(digestAlgorithm(recipe.digest ?? 'sha256')),
    crls,
    signers = [{}],
  } = recipe;
  const ordinary = indirectData(imageDigest, peDigest(image, imageDigest));
  const signed = recipe.indirectData?.(ordinary) ?? ordinary;
  const content = recipe.content?.(signed) ?? [context(0, signed)];
  const infos = signers.map((one) => signerInfo({ ...recipe, ...one }, contentType, signed));
  return contentInfo(
    sequence(
      messageVersion,
      digestAlgorithms,
      sequence(oid(contentType), ...content),
      ...(certificates.length > 0 ? [context(0, ...certificates)] : []),
      ...(crls === undefined ? [] : [crls]),
      set(...infos),
    ),
  );
}

export function contentInfo(signedData: Uint8Array): Uint8Array {
  return sequence(oid(CONTENT_OIDS.signedData), context(0, signedData));
}

/** SpcIndirectDataContent, which Authenticode signs instead of the PE file. */
export function indirectData(digest: Digest, value: Uint8Array): Uint8Array {
  const obsolete = Buffer.from('<<<Obsolete>>>', 'utf16le').swap16();
  const file = context(0, context(2, contextPrimitive(0, obsolete)));
  return sequence(
    sequence(oid(CONTENT_OIDS.peImageData), sequence(bitString(new Uint8Array()), file)),
    sequence(digestAlgorithm(digest), octetString(value)),
  );
}

/** An attribute with its values. */
export function attribute(type: string, ...values: readonly Uint8Array[]): Uint8Array {
  return sequence(oid(type), set(...values));
}

/** The contents of an element, over which the digest of a content is computed. */
export function contentsOfElement(bytes: Uint8Array): Uint8Array {
  const first = bytes[1] ?? 0;
  return bytes.subarray(first < 0x80 ? 2 : 2 + (first & 0x7f));
}

function signerInfo(recipe: SignerRecipe, contentType: string, content: Uint8Array): Uint8Array {
  const {
    signer = ordinarySigner(),
    digest = 'sha256',
    bare = false,
    version = integer(1),
    signerId = sequence(signer.certificate.issuer, signer.certificate.serial),
    unauthenticated = [],
  } = recipe;
  const body = contentsOfElement(content);
  const ordinary = [
    attribute(ATTRIBUTE_OIDS.contentType, oid(contentType)),
    attribute(ATTRIBUTE_OIDS.messageDigest, octetString(computeDigest(digest, body))),
  ];
  const joined = Buffer.concat(recipe.attributes?.(ordinary) ?? ordinary);
  const attributes = recipe.change?.(joined) ?? joined;
  const signed = bare ? body : element(0x31, attributes);
  const signature = recipe.sign?.(signed) ?? signer.key.sign(digest, signed);
  return sequence(
    version,
    signerId,
    recipe.digestAlgorithm ?? digestAlgorithm(digest),
    ...(bare ? [] : [element(0xa0, attributes)]),
    recipe.signatureAlgorithm ?? signer.key.messageAlgorithm(digest),
    octetString(signature),
    ...(unauthenticated.length > 0 ? [context(1, ...unauthenticated)] : []),
  );
}
