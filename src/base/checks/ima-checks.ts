import type { CheckTable } from './rule.js';

/** Signatures of IMA. The system call reports EACCES for any of these refusals. */
export const IMA_CHECKS = {
  'module-signature': {
    rule: 'an appended signature is a PKCS#7 message, 12 bytes with id_type 2, the length and zeros, and the marker',
    source: 'mod_check_sig()',
    errnos: ['EBADMSG', 'ENODATA', 'ENOPKG'],
    cure: 'sign the file again (kexec-file sign --ima appended), or fetch it again',
  },
  'ima-xattr': {
    rule: 'a signature in security.ima is 03 02, the digest algorithm, the key id, the size, and as many bytes as the size says',
    source: 'asymmetric_verify()',
    errnos: ['EINVAL', 'EBADMSG', 'ENODATA', 'ENOPKG'],
    cure: 'sign the file again (kexec-file sign --ima xattr), and copy it with its attributes (cp --preserve=xattr, tar --xattrs)',
  },
  'ima-signature': {
    rule: "a key in the keyring .ima or .platform signed the file's digest",
    source: 'ima_appraise_measurement()',
    errnos: ['EINVAL', 'ENOENT', 'ENODATA', 'EAGAIN', 'ENOKEY', 'ENOPKG', 'ENOTSUPP', 'EOPNOTSUPP'],
    cure: 'sign with a key whose certificate is in .ima (keyctl show %:.ima), or name the certificate with --keyring ima:FILE',
  },
} as const satisfies CheckTable;
