/** What each system call takes of a load. Nothing here makes a call, so that a plan can ask, too. */
import { refuse } from '../../base/error.js';
import type { TrailEntry } from '../../base/trail.js';
import type { LoadCall, LoadOptions } from '../../kexec/load-options.js';
import type { LoadRequest } from '../../kexec/request.js';
import type { LiveLoad } from './load-request.js';

/** Refuses options that kexec_file_load does not take. @throws KexecError `EINVAL`, check `live-option`. */
export function requireFileOptions(load: Pick<LiveLoad, 'dtb' | 'options'>): void {
  const options = listSegmentOptions(load);
  if (options.length > 0) refuseOptions('kexec_file_load', options);
}

/**
 * The request for what a system call makes. kexec_file_load enters the kernel directly; kexec_load gets our purgatory.
 *
 * @throws KexecError `EINVAL`, check `live-option`, if the load has options that kexec_file_load does not take.
 */
export function requestForCall(request: LoadRequest, call: LoadCall): LoadRequest {
  const { options = {} } = request;
  if (call === 'segments') return { ...request, options: { ...options, call } };
  const { rules, ...others } = options;
  // kexec_file_load of those releases decides by these rules.
  requireFileOptions({ options: rules === '6.12' || rules === '7.3' ? others : options });
  return { ...request, options: { ...options, call, purgatory: false } };
}

/** Notes that --no-checks is for our purgatory. */
export function noteMissingPurgatory({ purgatory }: LoadOptions): TrailEntry[] {
  if (purgatory === undefined || purgatory === false || purgatory.checks !== false) return [];
  const detail =
    "--no-checks has no effect: kexec_file_load does not load our purgatory; on x86_64 the kernel's own verifies in any case";
  return [{ check: 'entry', verdict: 'note', detail }];
}

/** @param what - the call that lacks the options */
export function refuseOptions(what: string, options: readonly string[]): never {
  refuse(
    'live-option',
    'EINVAL',
    `${what} does not support ${options.join(' and ')}; use --syscall segments (called as kexec: -c)`,
  );
}

/** Options that kexec_file_load has no means for: the kernel decides them itself, or has no purgatory. */
export function listSegmentOptions({ dtb, options }: Pick<LiveLoad, 'dtb' | 'options'>): string[] {
  const { window, entry, rules, randomize, efi, purgatory } = options;
  const { serial, onMismatch } = purgatory || {};
  return [
    ...(dtb === undefined ? [] : ['--dtb']),
    ...(window === undefined ? [] : ['--mem-min or --mem-max']),
    ...(entry === undefined ? [] : ['--entry']),
    ...(efi === false ? ['--noefi'] : []),
    ...(serial === undefined ? [] : ['--serial']),
    ...(onMismatch === undefined ? [] : ['--on-mismatch']),
    ...(randomize === undefined ? [] : ['--randomize']),
    ...(rules === undefined || rules === 'mainline' ? [] : [`--rules ${rules}`]),
  ];
}
