import { parseElfcorehdr } from '../../../src/crash/elfcorehdr.js';

const NUMBER = '0x([0-9a-f]+)';
const LOGGED = new RegExp(
  `Crash PT_LOAD ELF header\\. .*vaddr=${NUMBER}, paddr=${NUMBER}, sz=${NUMBER} `,
  'g',
);

/**
 * Compares the RAM in our ELF core header with that in the oracle's, which it logs when it loads a crash kernel:
 * virtual address, physical address and size of each range.
 *
 * @param log - of the load, with one attempt
 * @returns the differences, in words
 */
export function compareElfcorehdr(ours: Uint8Array, log: string): string[] {
  const theirs = Array.from(log.matchAll(LOGGED), ([, ...numbers]) => numbers.join(' '));
  if (theirs.length === 0) return ['the oracle did not log its ELF core header'];
  // The first one is the kernel's text, which the oracle does not log.
  const [, ...loads] = parseElfcorehdr(ours).loads;
  const here = loads.map(({ virtualAddress, physicalAddress, memorySize }) =>
    [virtualAddress, physicalAddress, memorySize].map((number) => number.toString(16)).join(' '),
  );
  return [
    ...theirs.filter((line) => !here.includes(line)).map((line) => `only in the kernel's: ${line}`),
    ...here.filter((line) => !theirs.includes(line)).map((line) => `only in ours: ${line}`),
  ];
}
