import { describe, expect, it } from 'vitest';
import { ORACLE_RELEASES } from '../support/oracle/oracle.js';
import { readAnswers } from './answers.js';
import { compareAsked } from './x86-64/compare-asked.js';
import { imitateKernel, syntheticKernel } from './x86-64/kernels.js';
import { x86MachinesOf, x86NamesOf } from './x86-64/machines.js';
import { generateMutants } from './x86-64/mutants.js';
import { describeAnswers, ownErrno } from './x86-64/own-mutants.js';
import { addPurgatory, readRecordedKernel, readX86Recorded, recordedX86Names } from './x86-64/recorded.js';
import { hashOfMutants, MUTANT_ANSWERS, readMutantMachine } from './x86-64/recorded-mutants.js';

/** In milliseconds: hundreds of digests of megabytes take seconds. */
const TIMEOUT = 120_000;

const KINDS = generateMutants();

describe.each(ORACLE_RELEASES)("Debian's Linux %s for x86_64, docs/conformance.md", (release) => {
  const mutants = readAnswers(MUTANT_ANSWERS[release]);
  const kernel = readRecordedKernel(release);
  const mutantMachine = addPurgatory(readMutantMachine(release), kernel);
  const imitated = imitateKernel(kernel);
  const kernelNamed = (name: string): Uint8Array => (name === 'debian' ? imitated : syntheticKernel(name));

  it('was asked about every kind of mutant, over 2000 in all', () => {
    expect([...mutants.keys()]).toEqual(KINDS.map(({ name }) => name));
    const total = [...mutants.values()].reduce((sum, { signatures }) => sum + signatures.length, 0);
    expect(total).toBeGreaterThan(2000);
  });

  it.each(KINDS)('agrees with our errno for mutants: $name', { timeout: TIMEOUT }, (kind) => {
    const recorded = mutants.get(kind.name);
    expect(hashOfMutants(kind), 'the mutants are those that were recorded').toBe(recorded?.sha256);
    const ours = kind.cases.map((mutant) => ownErrno(mutant, mutantMachine));
    expect(describeAnswers(kind, ours)).toEqual(describeAnswers(kind, recorded?.signatures ?? []));
  });

  it('was asked on every machine, about over 100 loads in all', () => {
    const names = recordedX86Names(release);
    expect(names.toSorted()).toEqual(x86MachinesOf(release).flatMap(x86NamesOf).toSorted());
    const total = names.reduce((sum, name) => sum + readX86Recorded(release, name).outcomes.length, 0);
    expect(total).toBeGreaterThan(100);
  });

  it.each(x86MachinesOf(release))('agrees with our placement: $name', { timeout: TIMEOUT }, (shape) => {
    const stages = new Map(x86NamesOf(shape).map((name) => [name, readX86Recorded(release, name)]));
    const comparisons = compareAsked({ shape, stages }, kernelNamed);
    expect(comparisons.flatMap(({ disagreements }) => disagreements)).toEqual([]);
  });
});
