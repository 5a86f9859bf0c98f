import type { CheckTable } from './rule.js';

/** Making, taking out and removing signatures. */
export const SIGNING_CHECKS = {
  'sign-inner': {
    rule: 'the kernel is in a UKI, in a zboot image with room for it, or compressed by gzip or zstd',
    source: 'kexec-file',
    errnos: ['EINVAL'],
    cure: 'sign the Image first, and make the file around it of that',
  },
  'sign-layout': {
    rule: 'the certificate table has its data directory, and nothing behind it; sections follow the directories',
    source: 'PE/COFF specification',
    errnos: ['EINVAL'],
    cure: 'take off what was put behind the signatures (an appended signature, padding), or sign the file as it was built',
  },
  'sign-key': {
    rule: "the private key can be read, is RSA or ECDSA, and is the certificate's",
    source: 'kexec-file',
    errnos: ['EACCES', 'EINVAL', 'EKEYREJECTED'],
    cure: 'give the RSA or ECDSA key that --cert is of, with its passphrase (--passphrase-file)',
  },
  'sign-certificate': {
    rule: 'a certificate signs within its validity',
    source: 'RFC 5280, section 4.1.2.5',
    errnos: ['EKEYEXPIRED'],
    cure: 'have the certificate made again, or sign with a time at which it was valid (--signing-time)',
  },
  'sign-command': {
    rule: 'the signer command ends with 0 and gives a signature',
    source: 'kexec-file',
    errnos: ['EIO'],
    cure: 'run the command by hand: it gets on its standard input what is to be signed, and gives the signature alone',
  },
  'signature-index': {
    rule: 'the file has a signature of that index',
    source: 'kexec-file',
    errnos: ['ENODATA'],
    cure: 'kexec-file signature list shows the signatures and their indexes',
  },
} as const satisfies CheckTable;
