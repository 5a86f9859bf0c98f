import type { Inspected } from '../../inspect/facts.js';
import { formatFacts } from './facts-text.js';
import { makeView, type View } from './make-view.js';

/** What `inspect` prints: the kind of a file, and the facts in it. */
export const formatInspected: View<[file: string, inspected: Inspected]> = makeView(
  (file, { kind, facts }) => `${file}: ${kind}\n${formatFacts(facts, '  ')}`,
);
