import type { LoadAnswer } from '../../support/oracle/session.js';
import { errnoName } from '../answers.js';
import type { LoggedE820, X86Outcome, X86Placed, X86SegmentName } from './scenario.js';

const NUMBER = '0x([0-9a-f]+)';
const LOADED = /: Loaded (.+?) at 0x[0-9a-f]+/g;
const SEGMENT = new RegExp(`: segment\\[\\d+\\]: .*bufsz=${NUMBER} mem=${NUMBER} memsz=${NUMBER}$`, 'gm');
const ENTRY = new RegExp(`kexec_file_load: type:\\d+, start:${NUMBER} `);
const E820 = /: ([0-9a-f]{16})-([0-9a-f]{16}) \((\d+)\)$/gm;
const RAM = new RegExp(`Crash PT_LOAD ELF header\\. .*vaddr=${NUMBER}, paddr=${NUMBER}, sz=${NUMBER} `, 'g');

/** What the kernel calls its segments in its log. */
const NAMES: readonly (readonly [text: string, name: X86SegmentName])[] = [
  ['ELF headers', 'elfcorehdr'],
  ['purgatory', 'purgatory'],
  ['boot_param', 'boot-params'],
  ['64bit kernel', 'kernel'],
  ['initrd', 'initrd'],
];

const numberOf = (digits = ''): bigint => BigInt(`0x${digits}`);

/**
 * Reads the outcome of a load from the kernel's log.
 *
 * @throws Error if the load succeeded but something is missing in the log: no answer does not count as agreement
 */
export function readX86Log({ errno, log }: LoadAnswer): X86Outcome {
  if (errno !== 0) return errnoName(errno);
  const names = Array.from(log.matchAll(LOADED), ([, text = '']) => nameOf(text));
  const segments = Array.from(log.matchAll(SEGMENT), ([, bufsz, mem, memsz], index) =>
    placed(names[index], mem, bufsz, memsz),
  );
  const e820 = Array.from(log.matchAll(E820), ([, start, last, type]): LoggedE820 => {
    return { start: numberOf(start), last: numberOf(last), type: Number(type) };
  });
  const entry = ENTRY.exec(log)?.[1];
  if (segments.length === 0 || segments.length !== names.length || e820.length === 0 || entry === undefined) {
    throw new Error(`the oracle did not log every address:\n${log}`);
  }
  return {
    segments,
    entry: numberOf(entry),
    e820,
    elfRanges: Array.from(log.matchAll(RAM), ([, virtual, physical, size]) => [
      numberOf(virtual),
      numberOf(physical),
      numberOf(size),
    ]),
  };
}

function nameOf(text: string): X86SegmentName {
  const name = NAMES.find(([start]) => text.startsWith(start))?.[1];
  if (name === undefined) throw new Error(`unknown segment in the oracle's log: "${text}"`);
  return name;
}

function placed(
  name: X86SegmentName | undefined,
  mem: string | undefined,
  bufsz: string | undefined,
  memsz: string | undefined,
): X86Placed {
  if (name === undefined) throw new Error('the oracle logged a segment without a name');
  return { name, mem: numberOf(mem), bufsz: numberOf(bufsz), memsz: numberOf(memsz) };
}
