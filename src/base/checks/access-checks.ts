import type { CheckTable } from './rule.js';

/** Access to the files that the user names, by the answers of the operating system. */
export const ACCESS_CHECKS = {
  'file-access': {
    rule: 'input files can be read; output files can be written and renamed',
    source: 'open(2), read(2), write(2), rename(2)',
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
      'EPIPE',
      'ENAMETOOLONG',
      'ELOOP',
      'ENODATA',
      'EOVERFLOW',
      'EOPNOTSUPP',
      'EDQUOT',
    ],
    cure: 'check the path and its permissions and, for output, the free space; an existing file is replaced only with --force (in a program, overwrite), and an input never',
  },
} as const satisfies CheckTable;
