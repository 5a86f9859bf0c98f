/** The words of a refusal for want of trust: who signed, who is trusted, and what is missing between them. */

import { equalBytes, toHex } from '../../base/bytes.js';
import { escapeField } from '../../base/escape-field.js';
import { quoteName } from '../../base/quote-name.js';
import type { Certificate } from '../x509/certificate.js';
import { readName } from '../x509/name-reader.js';
import type { ChainLink, VerifiedMessage, VerifiedSigner } from './message-verifier.js';

/** Certificates that are trusted, under the name of the keyring that holds them. */
export interface SearchedKeyring {
  readonly name: string;
  readonly certificates: readonly Certificate[];
}

/** Further signers and trusted certificates are counted. */
const MAX_NAMES = 4;

const MAX_NAME_LENGTH = 120;
const MAX_ID_BYTES = 20;

/**
 * Says who signed a message, why no chain leads from there to a trusted certificate, and which certificates are
 * trusted.
 *
 * @param message - its own signatures hold
 */
export function describeMissingTrust(message: VerifiedMessage, searched: readonly SearchedKeyring[]): string {
  const trusted = searched.flatMap(({ certificates }) => certificates);
  const signers = message.signers.map((signer) =>
    trusted.length === 0
      ? `signed by ${describeSigner(signer)}`
      : `signed by ${describeSigner(signer)}${describeGap(signer, trusted)}`,
  );
  return `${enumerate(signers, '; ')}; ${describeTrusted(searched)}`;
}

/** The signers' subjects; of a signer whose certificate is not embedded, its issuer's. */
export function listSigners({ signers }: Pick<VerifiedMessage, 'signers'>): string[] {
  return [...new Set(signers.map((signer) => describeSigner(signer, cut)))];
}

/** @param show - makes a name fit its place */
function describeSigner(
  { link, signer: { id, issuer } }: VerifiedSigner,
  show: (name: string) => string = cutAndQuote,
): string {
  if (link !== undefined) return show(link.certificate.subjectText) || 'a certificate without a name';
  const name = issuer === undefined ? '' : show(readName(issuer));
  if (name !== '') return `a certificate by ${name}, which is not embedded`;
  return `the certificate ${toHex(id.subarray(0, MAX_ID_BYTES))}, which is not embedded`;
}

/** What is missing between a signer and the trusted certificates: a clause about the signer. */
function describeGap({ link }: VerifiedSigner, trusted: readonly Certificate[]): string {
  if (link === undefined) {
    return '; no trusted certificate has that issuer and serial number, or that key identifier';
  }
  const { certificate } = findLast(link);
  const isSigner = certificate === link.certificate;
  const namesake = describeNamesake(
    trusted,
    certificate.selfSigned ? certificate.subject : certificate.issuer,
  );
  if (certificate.selfSigned) {
    return isSigner
      ? `, whose certificate is self-signed and not trusted${namesake}`
      : `, whose chain ends at ${cutAndQuote(certificate.subjectText)}, which is not trusted${namesake}`;
  }
  const chain = isSigner
    ? ', whose issuer'
    : `, whose chain ends at ${cutAndQuote(certificate.subjectText)}: its issuer`;
  return `${chain}, ${cutAndQuote(certificate.issuerText) || 'without a name'}, is neither embedded nor trusted${namesake}`;
}

function findLast(first: ChainLink): ChainLink {
  const passed = new Set<ChainLink>();
  let link = first;
  while (link.issuer !== undefined && !passed.has(link)) {
    passed.add(link);
    link = link.issuer;
  }
  return link;
}

/** The usual mistake is a certificate of the right name: issued again, for another key. */
function describeNamesake(trusted: readonly Certificate[], subject: Uint8Array): string {
  return subject.length > 0 && trusted.some((certificate) => equalBytes(certificate.subject, subject))
    ? ' (a trusted certificate has this name, but another serial number or key)'
    : '';
}

function describeTrusted(searched: readonly SearchedKeyring[]): string {
  const names = searched.flatMap(({ name, certificates }) =>
    certificates.map(
      ({ subjectText }) => `${cutAndQuote(subjectText) || 'a certificate without a name'} (${name})`,
    ),
  );
  if (names.length === 0) return 'no trusted certificate was given';
  const only = names.length === 1 ? 'the one trusted certificate is' : 'the trusted certificates are';
  return `${only} ${enumerate([...new Set(names)], ', ')}`;
}

function enumerate(items: readonly string[], separator: string): string {
  const distinct = [...new Set(items)];
  const more = distinct.length - MAX_NAMES;
  const shown = distinct.slice(0, MAX_NAMES).join(separator);
  return more > 0 ? `${shown}${separator}and ${more} more` : shown;
}

/** For a sentence; empty if there is no name. */
function cutAndQuote(name: string): string {
  return name === '' ? '' : quoteName(cut(name));
}

function cut(name: string): string {
  return escapeField(name, MAX_NAME_LENGTH);
}
