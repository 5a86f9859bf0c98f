import type { Inspected } from '../../inspect/facts.js';
import { formatFacts } from './facts-text.js';
import { Layout, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** What `inspect` prints: the kind of a file, and the facts in it. */
export const formatInspected: View<[file: string, inspected: Inspected, options?: ViewOptions]> = makeView(
  (file, { kind, facts }, options) =>
    `${new Layout(options).line(`${file}: ${kind}`, 2)}\n${formatFacts(facts, { ...options, indent: 2 })}`,
);
