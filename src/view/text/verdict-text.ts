import { createColors } from 'picocolors';
import { makeView, type View } from './make-view.js';

/** The verdict on the signature of a file. */
export interface SignatureVerdict {
  readonly file: string;
  readonly verdict: 'ok' | 'refused';
  readonly errno?: string | undefined;
  readonly check?: string | undefined;
  readonly detail: string;
  readonly digest?: string | undefined;
}

/** The line that `verify` prints for a file. */
export const formatVerdict: View<[verdict: SignatureVerdict, options: { readonly color: boolean }]> =
  makeView(({ file, verdict, errno, check, detail, digest }, { color }) => {
    const { green, red } = createColors(color);
    return verdict === 'ok'
      ? `${file}: ${green('ok')}, ${detail} (${digest})`
      : `${file}: ${red('refused')}: ${errno} (${check}): ${detail}`;
  });
