import type { Check } from '../base/checks.js';

/** The subject of a finding. */
export type Topic =
  | 'permission'
  | 'lockdown'
  | 'ima'
  | 'kernel-options'
  | 'cpus'
  | 'crash-region'
  | 'crash-facts'
  | 'load'
  | 'image'
  | 'signature'
  | 'initrd'
  | 'console'
  | 'memory'
  | 'device-tree'
  | 'firmware'
  | 'dump'
  | 'machine'
  | 'status';

/**
 * How serious a finding is. `stops`: kexec or kdump fails. `warns`: it may fail, or do less than expected. `unknown`:
 * the deciding fact could not be read. `fine`: checked and in order.
 */
export type Severity = 'stops' | 'warns' | 'unknown' | 'fine';

/** `kexec` starts a kernel in place of the running one. `kdump` starts a crash kernel after a panic. */
export type About = 'kexec' | 'kdump' | 'both';

/** One fact, and what it means for kexec or kdump. */
export interface Finding {
  readonly topic: Topic;
  readonly severity: Severity;
  readonly about: About;
  /** What was seen. */
  readonly fact: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do about it. */
  readonly cure?: string;
  /** Where the fact was read, and the kernel function or document that makes it matter. */
  readonly source: string;
  /** The check that the fact bears on. `holds` is absent if the fact does not decide the check. */
  readonly evidence?: { readonly check: Check; readonly holds?: boolean };
}

/** The parts that all findings of one subject share. */
export type FindingFrame = Pick<Finding, 'topic' | 'about' | 'source'>;

/** All severities, the worst first. */
export const SEVERITIES: readonly Severity[] = ['stops', 'warns', 'unknown', 'fine'];

/** Sorts findings, the worst first. Findings of one severity keep their order. */
export function sortBySeverity(findings: readonly Finding[]): Finding[] {
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

/** Whether a finding stops kexec, or kdump. */
export function stops({ severity, about }: Finding, what: Exclude<About, 'both'>): boolean {
  return severity === 'stops' && (about === what || about === 'both');
}
