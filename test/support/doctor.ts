import { expect } from 'vitest';
import { diagnose } from '../../src/doctor/diagnose.js';
import type { Finding, Topic } from '../../src/doctor/finding.js';
import type { IntendedLoad } from '../../src/doctor/intended-load.js';
import type { Machine } from '../../src/machine/machine-value.js';

/** The findings about a topic, the worst first. Expects each to have a reason, and a cure if it stops anything. */
export function listFindings(topic: Topic, machine: Machine, subject: IntendedLoad = {}): Finding[] {
  const findings = diagnose(machine, subject).filter((finding) => finding.topic === topic);
  for (const { severity, fact, why, cure, source } of findings) {
    for (const text of [fact, why, source, cure ?? 'none']) expect(text).toMatch(/^\S(.*\S)?$/);
    if (severity === 'stops' || severity === 'warns') expect(cure, fact).toBeDefined();
  }
  return findings;
}

/** `severity about: fact` of each finding about a topic. */
export function listFacts(topic: Topic, machine: Machine, subject: IntendedLoad = {}): string[] {
  return listFindings(topic, machine, subject).map(
    ({ severity, about, fact }) => `${severity} ${about}: ${fact}`,
  );
}
