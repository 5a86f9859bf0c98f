import type { CheckTable } from './rule.js';

/** Making, extracting and removing signatures. */
export const SIGNING_CHECKS = {
  'sign-inner': {
    rule: 'a kernel can be signed inside a UKI, a zboot image with room for it, a gzip file or a zstd file',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'sign the Image first, then build the file that contains it',
  },
  'sign-layout': {
    rule: 'the certificate table has a data directory and is the end of the file, and the section headers follow the data directories',
    source: 'PE/COFF specification',
    errnos: ['EINVAL'],
    cure: 'remove what follows the signatures (an appended signature, padding), or sign the file as the build wrote it',
  },
  'sign-key': {
    rule: 'the private key is readable, RSA, ECDSA or ML-DSA, and belongs to the certificate',
    source: 'kexec-file',
    errnos: ['EACCES', 'EINVAL', 'EKEYREJECTED'],
    cure: 'give the key of the certificate in --cert, and its passphrase (--passphrase-file) if it is encrypted',
  },
  'sign-token': {
    rule: 'a PKCS#11 URI names one RSA or ECDSA key on one token, and the token accepts the PIN',
    source: 'RFC 7512; PKCS #11 Base Specification 2.40',
    errnos: ['EACCES', 'EINVAL', 'EIO', 'ENOENT', 'ENOSYS'],
    cure: 'list tokens and keys with their URIs (p11tool --list-all --login, or pkcs11-tool --list-objects --login)',
  },
  'sign-certificate': {
    rule: 'a certificate is valid when it signs',
    source: 'RFC 5280, section 4.1.2.5',
    errnos: ['EKEYEXPIRED'],
    cure: 'issue the certificate again, or sign with a time at which it was valid (--signing-time)',
  },
  'sign-command': {
    rule: 'the signer command exits with 0 and prints a signature',
    source: 'kexec-file',
    errnos: ['EIO'],
    cure: 'run the command by hand: it reads the bytes to sign on its standard input, and prints only the signature',
  },
  'signature-index': {
    rule: 'the file has a signature with this index',
    source: 'kexec-file',
    errnos: ['ENODATA'],
    cure: 'list the signatures and their indexes (kexec-file signature list)',
  },
} as const satisfies CheckTable;
