import { escapeField } from '../../base/escape-field.js';
import type { FactChange } from '../../inspect/compare-facts.js';
import { formatFact } from './facts-text.js';

/** The facts that decide a load, by their names, in the order in which they are named; and their words. */
const WORDS: Readonly<Record<string, string>> = {
  architecture: 'the architecture',
  release: 'the release',
  'kernel.release': 'the release of the running kernel',
  build: 'the build',
  signer: 'the signer',
  imageSize: 'the size in memory',
  size: 'the size',
  compression: 'the compression',
  ram: 'the RAM',
  memory: 'the memory map',
  reserved: 'the reserved memory',
  crashRegion: 'the crash region',
  pageSize: 'the page size',
  possibleCpus: 'the number of CPUs',
  cpuStart: 'the way to start CPUs',
  commandLine: 'the command line',
  secureBoot: 'Secure Boot',
  lockdown: 'the lockdown',
  kexecSignature: 'the signature that kexec requires',
  bootLoader: 'the boot loader',
};

/** A text of a file longer than this is shortened in a sentence. */
const MAX_TEXT = 200;

/** The names that lead to a fact: `kernel.release`. */
export function nameChange({ path }: FactChange): string {
  return path.join('.');
}

/** A value of a fact that differs, unescaped; `none` if it is missing. */
export function formatChanged({ path }: FactChange, value: FactChange['before']): string {
  return value === undefined ? 'none' : formatFact(path.at(-1) ?? '', value);
}

/**
 * Says what differs between two files: first the facts that decide a load, each in a sentence, and then the number of
 * others.
 *
 * @param names - of the two files
 */
export function describeChanges(
  changes: readonly FactChange[],
  [before, after]: readonly [before: string, after: string],
): string[] {
  if (changes.length === 0)
    return [`${quote(before)} and ${quote(after)} do not differ in what is known of them.`];
  const sentences = Object.entries(WORDS).flatMap(([name, words]) => {
    const found = changes.filter((change) => nameChange(change) === name);
    const [first] = found;
    if (first === undefined) return [];
    const subject = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
    if (found.length > 1 || first.before === undefined || first.after === undefined) {
      const gone = found.filter((change) => change.after === undefined).length;
      return [
        `${subject} differs: ${countItems(gone)} only in ${quote(before)}, ${countItems(found.length - gone)} only in ${quote(after)}.`,
      ];
    }
    const [old, fresh] = [first.before, first.after].map((value) => quote(formatChanged(first, value)));
    return [`${subject} is ${old} in ${quote(before)}, and ${fresh} in ${quote(after)}.`];
  });
  const others = new Set(changes.map(nameChange).filter((name) => !Object.hasOwn(WORDS, name))).size;
  if (others === 0) return sentences;
  const more = sentences.length === 0 ? '' : 'other ';
  return [...sentences, others === 1 ? `1 ${more}fact differs.` : `${others} ${more}facts differ.`];
}

function countItems(count: number): string {
  return count === 1 ? '1 entry is' : `${count} entries are`;
}

function quote(text: string): string {
  return escapeField(text, MAX_TEXT);
}
