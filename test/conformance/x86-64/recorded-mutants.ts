import { readFileSync, writeFileSync } from 'node:fs';
import type { Machine } from '../../../src/machine/machine-value.js';
import { formatMachine, parseMachine } from '../../../src/machine/schema.js';
import type { OracleRelease } from '../../support/oracle/oracle.js';
import { hashOfKind } from '../answers.js';
import { formatJson } from '../format-json.js';
import type { MutantKind } from './mutants.js';

/** The recorded answers to mutants. */
export const MUTANT_ANSWERS: Readonly<Record<OracleRelease, string>> = {
  '6.12': 'test/conformance/x86-64/recorded/mutants-6.12.json',
  '7.3': 'test/conformance/x86-64/recorded/mutants-7.3.json',
};

/** Digest of the loads of a kind: of the files, the command lines and the types. */
export function hashOfMutants({ cases }: MutantKind): string {
  return hashOfKind({
    cases: cases.flatMap(({ file, type, commandLine }) => [
      { file },
      { file: Buffer.from(`${type} ${commandLine ?? 'none'}`) },
    ]),
  });
}

/** The machine file of the machine on which the kernel of a release was asked. */
const machineFile = (release: OracleRelease): string =>
  `test/conformance/x86-64/recorded/mutants-${release}.machine.json`;

export function readMutantMachine(release: OracleRelease): Machine {
  return parseMachine(readFileSync(machineFile(release), 'utf8'));
}

export function writeMutantMachine(release: OracleRelease, machine: Machine): void {
  const { unknown: _, ...facts } = machine;
  writeFileSync(machineFile(release), `${formatJson(JSON.parse(formatMachine(facts)))}\n`);
}
