import { ERRNO, type Errno } from '../base/errno.js';

/** What perror(3) prints for an errno on Linux; the last one has no text there. */
export const ERRNO_TEXT: Readonly<Record<Errno, string>> = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  EINTR: 'Interrupted system call',
  EIO: 'Input/output error',
  ENOEXEC: 'Exec format error',
  EBADF: 'Bad file descriptor',
  EAGAIN: 'Resource temporarily unavailable',
  ENOMEM: 'Cannot allocate memory',
  EACCES: 'Permission denied',
  EFAULT: 'Bad address',
  EBUSY: 'Device or resource busy',
  EEXIST: 'File exists',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  EMFILE: 'Too many open files',
  ETXTBSY: 'Text file busy',
  EFBIG: 'File too large',
  ENOSPC: 'No space left on device',
  EROFS: 'Read-only file system',
  ENAMETOOLONG: 'File name too long',
  ENOSYS: 'Function not implemented',
  ELOOP: 'Too many levels of symbolic links',
  ENODATA: 'No data available',
  ENOPKG: 'Package not installed',
  EBADMSG: 'Bad message',
  EOVERFLOW: 'Value too large for defined data type',
  ELIBBAD: 'Accessing a corrupted shared library',
  EMSGSIZE: 'Message too long',
  EOPNOTSUPP: 'Operation not supported',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  ETIMEDOUT: 'Connection timed out',
  EDQUOT: 'Disk quota exceeded',
  ENOKEY: 'Required key not available',
  EKEYEXPIRED: 'Key has expired',
  EKEYREJECTED: 'Key was rejected by service',
  ENOTSUPP: 'Unknown error 524',
};

const NAMES = Object.keys(ERRNO) as Errno[];

/**
 * The errno that somebody met: its name, its number as the kernel's log has it (with or without a minus), or perror's
 * text; undefined for what no check ends in.
 */
export function parseErrno(text: string): Errno | undefined {
  const wanted = text.trim().toLowerCase();
  return NAMES.find(
    (name) =>
      name.toLowerCase() === wanted ||
      String(ERRNO[name]) === wanted.replace(/^-/, '') ||
      ERRNO_TEXT[name].toLowerCase() === wanted,
  );
}
