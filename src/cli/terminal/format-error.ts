import type { KexecError } from '../../base/error.js';
import { formatRefusal } from '../../view/text/trail-text.js';

/** Formats a refusal. A file that cannot be read or written is a plain error: no rule of the kernel refuses it. */
export function formatError(error: KexecError, options: { readonly color: boolean }): string {
  if (error.check === 'file-access') return `error: ${error.seen}\n  ${error.errno} (${error.check})`;
  return formatRefusal(error, options);
}
