import type { CheckTable } from './rule.js';

/** Signatures of IMA: for the system call, what is wrong with them is EACCES, whatever it is. */
export const IMA_CHECKS = {
  'module-signature': {
    rule: 'before the marker are content, PKCS#7, and 12 bytes: id_type 2, the length, and otherwise 0',
    source: 'mod_check_sig()',
    errnos: ['EBADMSG', 'ENODATA', 'ENOPKG'],
    cure: 'sign the file (kexec-file sign --ima appended), or fetch it again',
  },
  'ima-xattr': {
    rule: 'a signature in security.ima is 03 02, digest algorithm, key id, size, and so many bytes',
    source: 'asymmetric_verify()',
    errnos: ['EINVAL', 'EBADMSG', 'ENODATA', 'ENOPKG'],
    cure: 'sign the file (kexec-file sign --ima xattr), and copy it with its attributes (cp --preserve=xattr, tar --xattrs)',
  },
  'ima-signature': {
    rule: "a key of .ima or .platform signed the file's digest",
    source: 'ima_appraise_measurement()',
    errnos: ['EINVAL', 'ENOENT', 'EAGAIN', 'ENOKEY', 'ENOTSUPP', 'EOPNOTSUPP'],
    cure: 'sign it with a key whose certificate is in .ima (keyctl show %:.ima), or name that with --keyring ima:FILE',
  },
} as const satisfies CheckTable;
