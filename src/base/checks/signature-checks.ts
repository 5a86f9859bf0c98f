import type { CheckTable } from './rule.js';

const SIGN_AGAIN =
  'sign the kernel again (kexec-file sign), or fetch it again: its signature is damaged, or its signer makes none that ' +
  'the kernel reads';

/** What is wrong where a digest or a signature does not hold. */
const CHANGED =
  'fetch the file again, or sign it again (kexec-file sign): it is damaged, or was changed after it was signed';

/** Signatures as the kernel verifies them, and what follows from them. */
export const SIGNATURE_CHECKS = {
  lockdown: {
    rule: 'a locked-down kernel loads only what is signed, and no segments',
    source: 'kimage_validate_signature(), kexec_load_check()',
    errnos: ['EPERM'],
    cure:
      'load a kernel that is signed by a key of the keyrings, with --syscall file (kexec-file verify tells who signed ' +
      'it); or boot without lockdown: no lockdown= and no secure boot',
  },
  signature: {
    rule: 'the signature is checked as the policy says',
    source: 'kimage_validate_signature()',
    errnos: ['ENODATA'],
    cure: 'name whom to trust with --cert or --keyring; --policy says what a signature decides',
  },
  'pe-signed': {
    rule: 'the PE file has a certificate table, within itself',
    source: 'pefile_parse_binary()',
    errnos: ['ENODATA', 'ELIBBAD'],
    cure:
      'sign it (kexec-file sign), or take the signed kernel of the distribution; a kernel without CONFIG_EFI is no PE ' +
      'file and cannot be signed',
  },
  'pe-wrapper': {
    rule: 'the first WIN_CERTIFICATE has revision 2.0, type PKCS#7, and a DER SEQUENCE of at most 64 KiB',
    source: 'pefile_strip_sig_wrapper()',
    errnos: ['ELIBBAD', 'ENOTSUPP', 'EMSGSIZE', 'EKEYREJECTED'],
    cure: 'list its signatures (kexec-file signature list), and sign it again, so that a PKCS#7 signature is the first',
  },
  ber: {
    rule: 'the encoding fits the grammar, as the kernel reads BER',
    source: 'asn1_ber_decoder()',
    errnos: ['EBADMSG', 'EMSGSIZE'],
    cure: SIGN_AGAIN,
  },
  'pkcs7-content': {
    rule: 'the signature is a PKCS#7 SignedData over SpcIndirectData',
    source: 'pkcs7_parse_message()',
    errnos: ['EINVAL', 'ENODATA', 'EBADMSG', 'EKEYREJECTED'],
    cure: SIGN_AGAIN,
  },
  'pkcs7-algorithm': {
    rule: 'digests and keys are by algorithms that are known',
    source: 'pkcs7_parse_message()',
    errnos: ['ENOPKG'],
    cure: 'sign it with RSA or ECDSA, and SHA-256, SHA-384 or SHA-512 (kexec-file sign --digest)',
  },
  'pkcs7-attributes': {
    rule: 'all signers have authenticated attributes, contentType and messageDigest among them, none twice',
    source: 'pkcs7_sig_note_authenticated_attr()',
    errnos: ['EINVAL', 'EBADMSG', 'EKEYREJECTED'],
    cure: SIGN_AGAIN,
  },
  'pkcs7-digest': {
    rule: 'messageDigest is the digest of the content',
    source: 'pkcs7_digest()',
    errnos: ['EBADMSG', 'EKEYREJECTED'],
    cure: CHANGED,
  },
  'pkcs7-time': {
    rule: "the signing time lies within the signer's validity",
    source: 'pkcs7_verify_one()',
    errnos: ['EKEYREJECTED'],
    cure: 'sign it while the certificate is valid, or without a time (kexec-file sign --no-signing-time)',
  },
  'pkcs7-chain': {
    rule: 'every embedded certificate is signed by the one that it names',
    source: 'pkcs7_verify_sig_chain()',
    errnos: ['EKEYREJECTED', 'EBADMSG'],
    cure: 'sign it again with the certificates of the chain, and no others (kexec-file sign --add-cert)',
  },
  certificate: {
    rule: 'a certificate has the parts of RFC 5280, by algorithms that are known',
    source: 'x509_cert_parse()',
    errnos: ['EINVAL', 'EBADMSG', 'ENOPKG', 'EKEYREJECTED'],
    cure: 'give a certificate in PEM or DER; one that the kernel cannot read has to be made again, with an RSA key or one on P-256 or P-384',
  },
  'certificate-time': {
    rule: 'times are UTCTime to 2049, GeneralizedTime from then on',
    source: 'x509_decode_time()',
    errnos: ['EBADMSG'],
    cure: 'have the certificate made again, with times as RFC 5280 asks for',
  },
  'public-key': {
    rule: 'the signature was made by the key over the digest',
    source: 'public_key_verify_signature()',
    errnos: ['EINVAL', 'ENOENT', 'EBADMSG', 'EKEYREJECTED'],
    cure: CHANGED,
  },
  blacklist: {
    rule: 'neither signer nor issuers are blacklisted',
    source: 'is_key_on_revocation_list()',
    errnos: ['EKEYREJECTED'],
    cure: 'take a kernel that is not revoked: a newer one of the distribution',
  },
  trust: {
    rule: 'a chain of certificates leads to a trusted keyring',
    source: 'pkcs7_validate_trust()',
    errnos: ['ENOKEY', 'EINVAL', 'EKEYREJECTED', 'ENOPKG'],
    cure:
      'name the key with --cert or --keyring if it is to be trusted, or sign with one that is; to have the machine ' +
      'trust it, enrol it (mokutil --import)',
  },
  mscode: {
    rule: 'the content names a PE image, a digest algorithm and a digest',
    source: 'mscode_parse()',
    errnos: ['EBADMSG', 'ENOPKG'],
    cure: SIGN_AGAIN,
  },
  'pe-contents': {
    rule: 'headers, sections and certificate table are in the file, and add up to it',
    source: 'pefile_digest_pe_contents()',
    errnos: ['ELIBBAD'],
    cure: CHANGED,
  },
  'pe-digest': {
    rule: 'the digest of the PE file is the signed one',
    source: 'pefile_digest_pe()',
    errnos: ['EBADMSG', 'EKEYREJECTED', 'ENOPKG'],
    cure: CHANGED,
  },
  'running-verify': {
    rule: 'a kernel that is to verify signatures knows how to verify those of an Image',
    source: 'CONFIG_KEXEC_IMAGE_VERIFY_SIG; kexec_image_verify_sig()',
    errnos: ['EKEYREJECTED'],
    cure: 'run a kernel with CONFIG_KEXEC_IMAGE_VERIFY_SIG=y (it needs EFI and SIGNED_PE_FILE_VERIFICATION)',
  },
} as const satisfies CheckTable;
