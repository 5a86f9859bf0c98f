import type { KexecError } from '../../base/error.js';
import { Layout, type ViewOptions } from '../../view/text/layout.js';
import { makeView, type View } from '../../view/text/make-view.js';
import { formatRefusal } from '../../view/text/trail-text.js';

/**
 * Formats a refusal. A file that cannot be read or written is a plain error: no rule of the kernel refuses it.
 *
 * @param options - `program`: the name that stands before it
 */
export const formatError: View<[error: KexecError, options: ViewOptions & { readonly program?: string }]> =
  makeView((error, { program, ...options }) => {
    const text =
      error.check === 'file-access' ? formatAccessError(error, options) : formatRefusal(error, options);
    return program === undefined ? text : `${program}: ${text}`;
  });

function formatAccessError({ seen, errno, check, ownCure }: KexecError, options: ViewOptions): string {
  const layout = new Layout(options);
  return [
    layout.hang('error: ', seen),
    `  ${errno} (${check})`,
    ...(ownCure === undefined ? [] : [layout.line(`  ${ownCure}`, 2)]),
  ].join('\n');
}
