import { Layout, type ViewOptions } from './layout.js';
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

/** What `verify` prints for a file: a line, and for a refusal where its check is explained. */
export const formatVerdict: View<[verdict: SignatureVerdict, options?: ViewOptions]> = makeView(
  ({ file, verdict, errno, check, detail, digest }, options) => {
    const layout = new Layout(options);
    const { green, red } = layout.colors;
    const text =
      verdict === 'ok'
        ? `${file}: ${green('ok')}, ${detail} (${digest})`
        : `${file}: ${red('refused')}: ${errno} (${check}): ${detail}`;
    const more =
      verdict === 'refused' && check !== 'file-access' ? `\n  more: kexec-file explain ${check}` : '';
    return layout.line(text, 2) + more;
  },
);

/** What `verify` prints below a verdict: notes, and warnings of signatures that the kernel ignores. */
export interface VerdictNotes {
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/** One paragraph for each; empty without any. */
export const formatVerdictNotes: View<[notes: VerdictNotes, options?: ViewOptions]> = makeView(
  ({ notes, warnings }, options) => {
    const layout = new Layout(options);
    return [
      ...notes.map((note) => layout.hang('  note: ', note)),
      ...warnings.map((warning) => layout.hang('  warning: ', warning)),
    ].join('\n');
  },
);
