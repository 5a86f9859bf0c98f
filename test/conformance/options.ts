import { parseArgs } from 'node:util';
import { ORACLE_RELEASES, type OracleRelease } from '../support/oracle/oracle.js';

/** What is asked: of each oracle, of Debian's kernels for x86_64, or of other kernels and of all oracles together. */
export const SUBJECTS = ['signatures', 'placement', 'crash', 'x86_64', 'log', 'initrd'] as const;

export type Subject = (typeof SUBJECTS)[number];

/** Subjects that are not asked of one oracle. */
const OF_NO_ORACLE: readonly Subject[] = ['log', 'initrd'];

/** The options of `npm run conformance`. */
export interface ConformanceOptions {
  readonly oracles: readonly OracleRelease[];
  readonly subjects: readonly Subject[];
  /** Whether to ask everything, not a selection of it. */
  readonly all: boolean;
  /** Whether to record the answers instead of comparing them with the recorded ones. */
  readonly record: boolean;
  /** Of the machines of placement, crashes and x86_64, only those with these names; a text that is no name stands for those that contain it. */
  readonly machines?: readonly string[] | undefined;
  /** Also ask about random signatures that are derived from this text. */
  readonly seed?: string | undefined;
  /** The number of these. */
  readonly random: number;
}

export const USAGE = `usage: npm run conformance -- [--oracle RELEASE] [--only SUBJECT] [--all] [--record]
                             [--machine NAME…] [--seed TEXT --random N]

  --oracle RELEASE  ask one oracle: ${ORACLE_RELEASES.join(' or ')}
  --only SUBJECT    ask about one subject: ${SUBJECTS.join(', ')}
  --all             ask everything, not a selection
  --record          write the oracles' answers to test/conformance
  --machine NAME    only this machine of placement or crashes, or those whose names contain this text;
                    may be repeated
  --seed TEXT       also ask about random signatures that are derived from this text
  --random N        number of these (default 2000)
`;

/** @throws Error for wrong usage, in words */
export function parseOptions(args: readonly string[]): ConformanceOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      oracle: { type: 'string' },
      only: { type: 'string' },
      all: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      machine: { type: 'string', multiple: true },
      seed: { type: 'string' },
      random: { type: 'string', default: '2000' },
    },
  });
  const { all, record, machine: machines, seed } = values;
  const only = oneOf('--only', SUBJECTS, values.only);
  const oracle = oneOf('--oracle', ORACLE_RELEASES, values.oracle);
  const random = Number(values.random);
  if (!Number.isSafeInteger(random) || random < 0) throw new Error(`--random is no number: ${values.random}`);
  if (oracle !== undefined && only !== undefined && OF_NO_ORACLE.includes(only)) {
    throw new Error(`"${only}" is not asked of one oracle: leave --oracle out`);
  }
  const subjects = SUBJECTS.filter((one) => oracle === undefined || !OF_NO_ORACLE.includes(one));
  return {
    oracles: oracle === undefined ? ORACLE_RELEASES : [oracle],
    subjects: only === undefined ? subjects : [only],
    ...{ all, record, machines, seed, random },
  };
}

function oneOf<T extends string>(
  option: string,
  known: readonly T[],
  value: string | undefined,
): T | undefined {
  const found = known.find((one) => one === value);
  if (value !== undefined && found === undefined) {
    throw new Error(`${option} is one of ${known.join(', ')}: "${value}" is not`);
  }
  return found;
}
