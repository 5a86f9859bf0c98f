import type { OracleRelease } from '../../support/oracle/oracle.js';
import { hashOfKind } from '../answers.js';
import type { BriefKind } from './brief-case.js';
import { debianKernelKind } from './debian-kernel-cases.js';
import { SECURE_BOOT, SMALLEST } from './machines.js';
import { generateMutants } from './mutants.js';
import { generateX86Signatures } from './signature-cases.js';

/** Loads of which only the errno is asked, on one machine. */
export interface BriefQuestions {
  /** For messages. */
  readonly subject: string;
  /** The name of the machine. */
  readonly machine: string;
  /** The files with the recorded answers. */
  readonly answers: Readonly<Record<OracleRelease, string>>;
  /** Of each kind, one case in so many is asked in every run: the answers depend on the kernel's build alone. */
  readonly steps: Readonly<Record<OracleRelease, number>>;
  /** @param kernel - Debian's; without it, the cases that it makes are missing */
  readonly generate: (release: OracleRelease, kernel?: Uint8Array) => readonly BriefKind[];
}

const answersIn = (name: string): BriefQuestions['answers'] => ({
  '6.12': `test/conformance/x86-64/recorded/${name}-6.12.json`,
  '7.3': `test/conformance/x86-64/recorded/${name}-7.3.json`,
});

/** About the setup header. Half of the memory bounds the sizes that a kernel may ask for, and so the time of a load. */
export const HEADERS: BriefQuestions = {
  subject: 'setup headers',
  machine: SMALLEST,
  answers: answersIn('mutants'),
  steps: { '6.12': 1, '7.3': 5 },
  generate: generateMutants,
};

export const SIGNATURES: BriefQuestions = {
  subject: 'signatures',
  machine: SECURE_BOOT,
  answers: answersIn('signatures'),
  steps: { '6.12': 1, '7.3': 5 },
  generate: (release, kernel) => [
    ...generateX86Signatures(release),
    ...(kernel === undefined ? [] : [debianKernelKind(kernel)]),
  ],
};

/** The questions that are asked on a machine, if any are. */
export function findQuestions(machine: string): BriefQuestions | undefined {
  return [HEADERS, SIGNATURES].find((questions) => questions.machine === machine);
}

/** Digest of the loads of a kind: of the files, the command lines and the types. */
export function hashOfBriefKind({ cases, isForeign = false }: BriefKind): string {
  return hashOfKind({
    cases: cases.flatMap(({ name, file, type, commandLine }) => [
      { file: isForeign ? Buffer.from(name) : file },
      { file: Buffer.from(`${type} ${commandLine ?? 'none'}`) },
    ]),
  });
}
