import type { KexecError } from '../../base/error.js';
import { makeView, type View } from '../../view/text/make-view.js';
import { formatRefusal } from '../../view/text/trail-text.js';

/**
 * Formats a refusal. A file that cannot be read or written is a plain error: no rule of the kernel refuses it.
 *
 * @param options - `program`: the name that stands before it
 */
export const formatError: View<
  [error: KexecError, options: { readonly color: boolean; readonly program?: string }]
> = makeView((error, { color, program }) => {
  const text = error.check === 'file-access' ? formatAccessError(error) : formatRefusal(error, { color });
  return program === undefined ? text : `${program}: ${text}`;
});

function formatAccessError({ seen, errno, check, ownCure }: KexecError): string {
  return [`error: ${seen}`, `  ${errno} (${check})`, ...(ownCure === undefined ? [] : [`  ${ownCure}`])].join(
    '\n',
  );
}
