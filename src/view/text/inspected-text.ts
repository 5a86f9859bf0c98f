import type { Inspected } from '../../inspect/facts.js';
import { isSigned, type KernelSummary } from '../../inspect/kernel-summary.js';
import { nameSigner } from '../../trust/name-signer.js';
import { formatFacts } from './facts-text.js';
import { Layout, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** What `inspect` prints: the kernel in a file in one line, the kind of the file, and the facts in it. */
export const formatInspected: View<[file: string, inspected: Inspected, options?: ViewOptions]> = makeView(
  (file, inspected, options) => {
    const { kind, facts, kernel } = inspected;
    const layout = new Layout(options);
    const title = describeInspected(inspected);
    const shown = kernel === undefined ? facts : { kind, ...facts };
    return [layout.line(`${file}: ${title}`, 2), formatFacts(shown, { ...options, indent: 2 })].join('\n');
  },
);

/** The kernel in a file, or else the kind of the file, in a line. Text in it is not escaped. */
export function describeInspected({ kind, kernel }: Inspected): string {
  return kernel === undefined ? kind : describeKernel(kernel);
}

function describeKernel(kernel: KernelSummary): string {
  const { release, compiler, signer, signerUnknown, unsigned } = kernel;
  const what = release === undefined ? 'a kernel that names no release of Linux' : `Linux ${release}`;
  const by = compiler === undefined ? '' : `, compiled by ${compiler}`;
  if (!isSigned(kernel)) return `${what}${by}, not signed`;
  const around = unsigned === undefined ? '' : `; the ${unsigned} around it is not signed`;
  return `${what}${by}, signed by ${nameSigner(signer, `unknown: ${signerUnknown}`)} (not verified)${around}`;
}
