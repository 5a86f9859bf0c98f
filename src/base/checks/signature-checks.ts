import type { CheckTable } from './rule.js';

const SIGN_AGAIN =
  'fetch the file again if its signature may be damaged, or sign it again with a tool whose signatures the kernel reads ' +
  '(kexec-file sign)';

/** For a digest or a signature that does not match. */
const CHANGED =
  'fetch the file again if it may be damaged; if it was changed after it was signed, sign it again (kexec-file sign)';

/** The kernel's checks of signatures, and lockdown. */
export const SIGNATURE_CHECKS = {
  lockdown: {
    rule: 'a locked-down kernel loads only signed kernels, and no segments',
    source: 'kimage_validate_signature(), kexec_load_check()',
    errnos: ['EPERM'],
    cure:
      "load a kernel signed by a key in the kernel's keyrings, with --syscall file (kexec-file verify prints the signer), if the " +
      'running kernel has CONFIG_KEXEC_FILE; otherwise reboot through the firmware, or boot without lockdown: without lockdown= and ' +
      'with Secure Boot off',
  },
  signature: {
    rule: 'the policy determines what follows from a signature',
    source: 'kimage_validate_signature()',
    errnos: ['ENODATA'],
    cure: 'name trusted certificates with --cert or --keyring, and choose what follows from a signature with --policy',
  },
  'pe-signed': {
    rule: 'a signed PE file has a certificate table, and that lies within the file',
    source: 'pefile_parse_binary()',
    errnos: ['ENODATA', 'ELIBBAD'],
    cure: 'sign the file (kexec-file sign), or install the signed kernel of the distribution; a kernel without CONFIG_EFI is no PE file and cannot be signed',
  },
  'pe-wrapper': {
    rule: 'the first WIN_CERTIFICATE has revision 2.0 and type PKCS#7, and contains a DER SEQUENCE of at most 64 KiB',
    source: 'pefile_strip_sig_wrapper()',
    errnos: ['ELIBBAD', 'ENOTSUPP', 'EMSGSIZE', 'EKEYREJECTED'],
    cure: 'list the signatures (kexec-file signature list), and sign the file again so that a PKCS#7 signature is the first',
  },
  ber: {
    rule: 'signatures, certificates and keys are encoded in BER by their grammar, in at most 64 KiB',
    source: 'asn1_ber_decoder()',
    errnos: ['EBADMSG', 'EMSGSIZE'],
    cure: SIGN_AGAIN,
  },
  'pkcs7-content': {
    rule: 'a signature is a PKCS#7 SignedData over SpcIndirectData in a PE file, and a detached one over data for IMA',
    source: 'pkcs7_parse_message()',
    errnos: ['EINVAL', 'ENODATA', 'EBADMSG', 'EKEYREJECTED'],
    cure: SIGN_AGAIN,
  },
  'pkcs7-algorithm': {
    rule: 'the digest and the key of a signature are of kinds that the kernel knows',
    source: 'pkcs7_parse_message()',
    errnos: ['ENOPKG'],
    cure: 'sign with RSA or ECDSA, and SHA-256, SHA-384 or SHA-512 (kexec-file sign --digest)',
  },
  'pkcs7-attributes': {
    rule: 'every signer has the authenticated attributes contentType and messageDigest, and none twice; without Authenticode, all signers may have none',
    source: 'pkcs7_sig_note_authenticated_attr()',
    errnos: ['EINVAL', 'EBADMSG', 'EKEYREJECTED'],
    cure: SIGN_AGAIN,
  },
  'pkcs7-digest': {
    rule: 'the attribute messageDigest is the digest of the signed content',
    source: 'pkcs7_digest()',
    errnos: ['EBADMSG', 'EKEYREJECTED'],
    cure: CHANGED,
  },
  'pkcs7-time': {
    rule: "the signing time lies within the validity of the signer's certificate",
    source: 'pkcs7_verify_one()',
    errnos: ['EKEYREJECTED'],
    cure: 'sign while the certificate is valid, or without a signing time (kexec-file sign --no-signing-time)',
  },
  'pkcs7-chain': {
    rule: 'every embedded certificate names its issuer unambiguously, and the issuer signed it',
    source: 'pkcs7_verify_sig_chain()',
    errnos: ['EKEYREJECTED', 'EBADMSG'],
    cure: 'sign again, and embed only the certificates of the chain (kexec-file sign --add-cert)',
  },
  'signature-work': {
    rule: 'a message, or a keyring, has at most as many signatures as 160 on P-521 take time to verify',
    source: 'kexec-file; the kernel has no bound',
    errnos: ['EMSGSIZE'],
    cure: 'sign again, and embed only the certificates of the chain; give a keyring only the certificates that it needs',
  },
  certificate: {
    rule: 'a certificate has the parts of RFC 5280, and its algorithms are known to the kernel',
    source: 'x509_cert_parse()',
    errnos: ['EINVAL', 'EBADMSG', 'ENOPKG', 'EKEYREJECTED'],
    cure: 'give a certificate in PEM or DER; if the kernel cannot read it, issue a new one for an RSA key or a key on P-256 or P-384',
  },
  'certificate-time': {
    rule: 'a time is a UTCTime up to the year 2049, and a GeneralizedTime from 2050 on',
    source: 'x509_decode_time()',
    errnos: ['EBADMSG'],
    cure: 'issue the certificate again, with times as RFC 5280 requires them',
  },
  'public-key': {
    rule: 'the signature over the digest was made by the key that it names',
    source: 'public_key_verify_signature()',
    errnos: ['EINVAL', 'ENOENT', 'EBADMSG', 'EKEYREJECTED'],
    cure: CHANGED,
  },
  blacklist: {
    rule: 'no key of the chain, and no digest of the file, is revoked by dbx or the blacklist',
    source: 'is_key_on_revocation_list()',
    errnos: ['EKEYREJECTED'],
    cure: 'install a kernel that is not revoked, usually a newer one of the distribution',
  },
  trust: {
    rule: 'a chain of certificates leads from the signer to a trusted keyring',
    source: 'pkcs7_validate_trust()',
    errnos: ['ENOKEY', 'EINVAL', 'EKEYREJECTED', 'ENOPKG'],
    cure: "name the signer's certificate or its CA with --cert or --keyring if you trust it, or sign with a trusted key; to make the machine trust it, enrol it (mokutil --import)",
  },
  mscode: {
    rule: 'SpcIndirectData names a PE image, a digest algorithm that the kernel accepts, and a digest',
    source: 'mscode_parse()',
    errnos: ['EBADMSG', 'ENOPKG'],
    cure: SIGN_AGAIN,
  },
  'pe-contents': {
    rule: 'the headers, sections and certificate table that the digest covers lie within the file, and their sizes fit it',
    source: 'pefile_digest_pe_contents()',
    errnos: ['ELIBBAD'],
    cure: CHANGED,
  },
  'pe-digest': {
    rule: 'the digest of the PE file is the signed digest',
    source: 'pefile_digest_pe()',
    errnos: ['EBADMSG', 'EKEYREJECTED', 'ENOPKG'],
    cure: CHANGED,
  },
  'running-verify': {
    rule: 'a kernel that verifies signatures has code to verify the signature of an Image',
    source:
      'CONFIG_KEXEC_IMAGE_VERIFY_SIG, for x86_64 CONFIG_KEXEC_BZIMAGE_VERIFY_SIG; kexec_image_verify_sig()',
    errnos: ['EKEYREJECTED'],
    cure: 'run a kernel with CONFIG_KEXEC_IMAGE_VERIFY_SIG=y, for x86_64 CONFIG_KEXEC_BZIMAGE_VERIFY_SIG=y (it needs EFI and SIGNED_PE_FILE_VERIFICATION)',
  },
} as const satisfies CheckTable;
