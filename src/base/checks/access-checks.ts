import type { CheckTable } from './rule.js';

/** What the operating system says of the files that are named. */
export const ACCESS_CHECKS = {
  'file-access': {
    rule: 'every named file can be read, or written and renamed',
    source: 'kexec-file',
    errnos: [
      'EPERM',
      'ENOENT',
      'EINTR',
      'EIO',
      'EBADF',
      'EAGAIN',
      'ENOMEM',
      'EACCES',
      'EBUSY',
      'EEXIST',
      'ENOTDIR',
      'EISDIR',
      'EINVAL',
      'EMFILE',
      'ETXTBSY',
      'EFBIG',
      'ENOSPC',
      'EROFS',
      'ENAMETOOLONG',
      'ELOOP',
      'ENODATA',
      'EOVERFLOW',
      'EOPNOTSUPP',
      'EDQUOT',
    ],
    cure: 'check the path, who may read it, and for output the free space; nothing that is there is written over',
  },
} as const satisfies CheckTable;
