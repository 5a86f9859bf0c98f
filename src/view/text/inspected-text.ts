import type { Inspected } from '../../inspect/facts.js';
import type { KernelSummary } from '../../inspect/kernel-summary.js';
import { nameSigner } from '../../trust/name-signer.js';
import { formatFacts } from './facts-text.js';
import { Layout, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** What `inspect` prints: the kernel in a file in one line, the kind of the file, and the facts in it. */
export const formatInspected: View<[file: string, inspected: Inspected, options?: ViewOptions]> = makeView(
  (file, { kind, facts, kernel }, options) => {
    const layout = new Layout(options);
    const title = kernel === undefined ? kind : describeKernel(kernel);
    const shown = kernel === undefined ? facts : { kind, ...facts };
    return [layout.line(`${file}: ${title}`, 2), formatFacts(shown, { ...options, indent: 2 })].join('\n');
  },
);

function describeKernel({ release, compiler, signer, unsigned }: KernelSummary): string {
  const what = release === undefined ? 'a kernel that names no release of Linux' : `Linux ${release}`;
  const by = compiler === undefined ? '' : `, compiled by ${compiler}`;
  if (signer === undefined) return `${what}${by}, not signed`;
  const around = unsigned === undefined ? '' : `; the ${unsigned} around it is not signed`;
  return `${what}${by}, signed by ${nameClaimed(signer)} (not verified)${around}`;
}

/** A signer without a name is told apart by its reason, which is a sentence. */
function nameClaimed(signer: string): string {
  return signer.startsWith('unknown: ') ? signer : nameSigner(signer);
}
