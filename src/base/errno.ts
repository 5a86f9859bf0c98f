/** The errnos of refusals, as the kernel answers; numbers as on arm64 Linux (asm-generic). */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  EIO: 5,
  ENOEXEC: 8,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EMFILE: 24,
  ETXTBSY: 26,
  EFBIG: 27,
  ENOSPC: 28,
  EROFS: 30,
  EPIPE: 32,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ELOOP: 40,
  ENODATA: 61,
  ENOPKG: 65,
  EBADMSG: 74,
  EOVERFLOW: 75,
  ELIBBAD: 80,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
  EADDRNOTAVAIL: 99,
  ETIMEDOUT: 110,
  EDQUOT: 122,
  ENOKEY: 126,
  EKEYEXPIRED: 127,
  EKEYREJECTED: 129,
  ENOTSUPP: 524,
} as const;

/** The name of an errno. */
export type Errno = keyof typeof ERRNO;

/** What perror(3) prints for an errno on Linux, which has no text for the last one. */
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
  EPIPE: 'Broken pipe',
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
 * Finds an errno.
 *
 * @param text - its name, its number as in the kernel's log (with or without a minus), or the text of perror(3); case
 *   and white space around it are ignored
 * @returns undefined for an errno that no check declares
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
