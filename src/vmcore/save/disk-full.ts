import type { KexecError } from '../../base/error.js';

const ERRNOS: readonly string[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** Whether a refusal says that a disk, a quota or a file has no more room. */
export function isDiskFull({ errno }: KexecError): boolean {
  return ERRNOS.includes(errno);
}
