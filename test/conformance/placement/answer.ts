import type { SegmentName } from '../../../src/kexec/kimage.js';
import type { LoadAnswer } from '../../support/oracle/session.js';
import { errnoName } from '../answers.js';
import { type Load, type Placed, type Scenario, SEGMENTS } from './scenario.js';

/** The names of segments in the kernel's log. */
const NAMES_IN_LOG: Readonly<Record<string, SegmentName>> = {
  kernel: 'kernel',
  'elf core header': 'elfcorehdr',
  initrd: 'initrd',
  dtb: 'dtb',
};

const NUMBER = '0x([0-9a-f]+)';
const LOADED = new RegExp(`: Loaded ([a-z ]+) at ${NUMBER} bufsz=${NUMBER} memsz=${NUMBER}$`, 'gm');
const SEGMENT = new RegExp(`: segment\\[\\d+\\]: .*bufsz=${NUMBER} mem=${NUMBER} memsz=${NUMBER}$`, 'gm');

/**
 * Reads the outcome of a load from the oracle's log.
 *
 * @throws Error if the load succeeded but the log does not have every address: no answer does not count as agreement
 */
export function scenarioOf(load: Load, { errno, log }: LoadAnswer): Scenario {
  const seeds = !log.includes('RNG is not initialised');
  if (errno !== 0) return { load, seeds, outcome: errnoName(errno) };

  // If the kernel was tried at several addresses, the last line for a segment counts.
  const said = new Map<string, Placed>();
  for (const [, name = '', mem, bufsz, memsz] of log.matchAll(LOADED)) {
    said.set(NAMES_IN_LOG[name] ?? name, placed(mem, bufsz, memsz));
  }
  const segments = Array.from(log.matchAll(SEGMENT), ([, bufsz, mem, memsz]) => placed(mem, bufsz, memsz));
  // The list of KHO's scratch areas is the first segment, and has no line of its own; that of dm-crypt keys has no address.
  if (segments.length === said.size + 1) {
    const [name, index] = log.includes('Loaded dm crypt keys')
      ? (['dmcryptkeys', 2] as const)
      : (['kho-scratch', 0] as const);
    said.set(name, segments[index] as Placed);
  }
  const names = SEGMENTS.filter((name) => said.has(name));
  const outcome = new Map(names.map((name) => [name, said.get(name) as Placed]));
  if (
    outcome.size !== said.size ||
    JSON.stringify([...outcome.values()].map(text)) !== JSON.stringify(segments.map(text))
  ) {
    throw new Error(`the oracle did not log every address:\n${log}`);
  }
  return { load, seeds, outcome };
}

function placed(mem = '', bufsz = '', memsz = ''): Placed {
  return { mem: BigInt(`0x${mem}`), bufsz: BigInt(`0x${bufsz}`), memsz: BigInt(`0x${memsz}`) };
}

function text({ mem, bufsz, memsz }: Placed): string {
  return [mem, bufsz, memsz].join(' ');
}
