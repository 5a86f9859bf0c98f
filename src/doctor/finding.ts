import type { Check } from '../base/checks.js';

/** What a finding is about. */
export type Topic =
  | 'permission'
  | 'lockdown'
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
  | 'machine'
  | 'status';

/**
 * How bad it is. `stops`: kexec or kdump fails for it. `warns`: it may fail, or do less than is hoped for. `unknown`: what
 * would decide could not be read. `fine`: it was looked at and is in order.
 */
export type Severity = 'stops' | 'warns' | 'unknown' | 'fine';

/** `kexec` starts a kernel in place of the running one, `kdump` one that waits for the running one to panic. */
export type About = 'kexec' | 'kdump' | 'both';

/** One thing that was looked at. */
export interface Finding {
  readonly topic: Topic;
  readonly severity: Severity;
  readonly about: About;
  /** What was seen. */
  readonly fact: string;
  /** What follows from it. */
  readonly why: string;
  /** What to do about it. */
  readonly cure?: string;
  /** Where the fact was read, and who makes it matter. */
  readonly source: string;
  /** The check that the fact speaks of; whether that holds, where the fact decides it. */
  readonly evidence?: { readonly check: Check; readonly holds?: boolean };
}

/** Severities, the worst first. */
export const SEVERITIES: readonly Severity[] = ['stops', 'warns', 'unknown', 'fine'];

/** The findings, the worst first, and otherwise in the order they have. */
export function sortBySeverity(findings: readonly Finding[]): Finding[] {
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
}

/** Whether a finding stops this. */
export function stops({ severity, about }: Finding, what: Exclude<About, 'both'>): boolean {
  return severity === 'stops' && (about === what || about === 'both');
}
