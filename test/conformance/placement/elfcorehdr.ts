import { parseElfcorehdr } from '../../../src/crash/elfcorehdr.js';

const NUMBER = '0x([0-9a-f]+)';
const LOGGED = new RegExp(
  `Crash PT_LOAD ELF header\\. .*vaddr=${NUMBER}, paddr=${NUMBER}, sz=${NUMBER} `,
  'g',
);

/**
 * Where the RAM that our ELF core header has dumped is other than what the oracle says of its own, which it logs when
 * it loads a crash kernel: virtual address, physical address and size of each range.
 *
 * @param log what the oracle said as it loaded, trying once
 * @returns what differs, in words; nothing if nothing does
 */
export function compareElfcorehdr(ours: Uint8Array, log: string): string[] {
  const theirs = Array.from(log.matchAll(LOGGED), ([, ...numbers]) => numbers.join(' '));
  if (theirs.length === 0) return ['the oracle does not say what it has dumped'];
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
