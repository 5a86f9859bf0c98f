import type { KexecError } from '../base/error.js';
import type { Finding } from '../doctor/finding.js';

/** What keeps a crash from being captured (`stops`), or may do so (`warns`). */
export interface KdumpProblem {
  readonly severity: 'stops' | 'warns';
  readonly what: string;
  readonly cure?: string | undefined;
}

/** A refusal as a problem. */
export function describeRefusal(
  { errno, check, seen, cure }: KexecError,
  severity: KdumpProblem['severity'],
): KdumpProblem {
  return { severity, what: `${errno} (${check}): ${seen}`, cure };
}

/** Subjects of doctor that decide about a crash when the crash kernel is loaded already. */
const AFTER_THE_LOAD: readonly Finding['topic'][] = ['crash-region', 'console', 'initrd'];

/**
 * Selects the findings of doctor that concern the service. What stops a load no longer matters once the crash kernel is
 * loaded: an administrator may even lock the door then (kernel.kexec_load_disabled). What is loaded is the caller's
 * own subject. What makedumpfile cannot read matters where another program saves.
 *
 * @param isLoaded - whether a crash kernel is loaded
 * @param savesElsewhere - whether that is another program's
 */
export function selectFindings(
  findings: readonly Finding[],
  isLoaded: boolean,
  savesElsewhere = false,
): KdumpProblem[] {
  return findings.flatMap(({ topic, severity, about, fact, why, cure }) => {
    if (about === 'kexec' || topic === 'status') return [];
    if (severity !== 'stops' && severity !== 'warns') return [];
    if (topic === 'dump' ? !savesElsewhere : isLoaded && !AFTER_THE_LOAD.includes(topic)) return [];
    return [{ severity, what: `${topic}: ${fact}; ${why}`, cure }];
  });
}
