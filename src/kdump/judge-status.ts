import { KexecError } from '../base/error.js';
import type { DumpEstimate } from '../crash/dump-estimate.js';
import { type DumpTargetFolder, describeLack } from '../crash/dump-room.js';
import type { Finding } from '../doctor/finding.js';
import type { KdumpSettings } from '../settings/kdump-settings.js';
import { parseSettings, type Settings } from '../settings/settings.js';
import type { CrashRecord } from './crash-record.js';
import { describeRefusal, type KdumpProblem, selectFindings } from './kdump-problem.js';
import { startsSave } from './service-command-line.js';
import { LOAD_UNIT, SAVE_UNIT } from './service-units.js';

/** What would happen if this machine crashed now. */
export interface KdumpStatus {
  /** Whether a crash would be captured, as far as it can be told. */
  readonly captures: boolean;
  /** The size of the crash region, in bytes; 0 if nothing is reserved. */
  readonly reserved: bigint;
  readonly isLoaded: boolean;
  /** What was loaded, if kexec-file's service did it. */
  readonly record?: CrashRecord | undefined;
  /** What the service does with the dump. */
  readonly settings: KdumpSettings;
  /** What another program would save, if the loaded crash kernel is of one; else empty. */
  readonly elsewhere: readonly string[];
  /** The room in the folder of dumps, in bytes; undefined if the folder cannot be used. */
  readonly free?: bigint | undefined;
  readonly estimate?: DumpEstimate | undefined;
  /** The worst first. */
  readonly problems: readonly KdumpProblem[];
}

/** What the kernel reports of crash kernels. */
export interface LoadedState {
  /** Whether one is loaded. */
  readonly crashLoaded: boolean;
  /** The size of the crash region, in bytes; 0 if there is none. */
  readonly crashSize: bigint;
}

/** What a status is judged by. A refusal stands for what could not be read. */
export interface KdumpFacts {
  readonly state: LoadedState;
  readonly record: CrashRecord | undefined;
  readonly settings: Settings | KexecError;
  /** What differs between what is loaded and what would be; a refusal if that could not be planned. */
  readonly changes: readonly string[] | KexecError;
  readonly hasSaveUnit: boolean;
  readonly target: DumpTargetFolder | KexecError;
  readonly estimate: DumpEstimate | undefined;
  /** Units of other programs that load a crash kernel at boot. */
  readonly otherUnits: readonly string[];
  readonly findings: readonly Finding[];
}

/** Judges by what was read. Reads nothing else. */
export function judgeStatus(facts: KdumpFacts): KdumpStatus {
  const { state, record, settings, target, estimate } = facts;
  const problems = [...listLoadProblems(facts), ...listSaveProblems(facts), ...listDoctorProblems(facts)];
  const sorted = [
    ...problems.filter(({ severity }) => severity === 'stops'),
    ...problems.filter(({ severity }) => severity === 'warns'),
  ];
  return {
    captures: state.crashLoaded && sorted[0]?.severity !== 'stops',
    reserved: state.crashSize,
    isLoaded: state.crashLoaded,
    record,
    settings: (settings instanceof KexecError ? parseSettings('') : settings).kdump,
    elsewhere: savesElsewhere(facts) ? listSavedElsewhere(facts.findings) : [],
    ...(target instanceof KexecError ? {} : { free: target.free }),
    ...(estimate === undefined ? {} : { estimate }),
    problems: sorted,
  };
}

function listLoadProblems(facts: KdumpFacts): KdumpProblem[] {
  const { state, record, settings, changes, otherUnits, findings } = facts;
  const problems: KdumpProblem[] = [];
  // As root, doctor knows why.
  const isExplained = findings.some(
    ({ topic, severity }) => topic === 'crash-region' && severity === 'stops',
  );
  if (state.crashSize === 0n && !isExplained) {
    problems.push({
      severity: 'stops',
      what: 'no memory is reserved for a crash kernel: /sys/kernel/kexec_crash_size is 0',
      cure: 'add crashkernel= to the command line, and reboot; kexec-file doctor, as root, says how',
    });
  }
  if (settings instanceof KexecError) problems.push(describeRefusal(settings, 'warns'));
  if (!state.crashLoaded && state.crashSize > 0n) {
    problems.push({
      severity: 'stops',
      what: 'no crash kernel is loaded',
      cure: `load it: systemctl start ${LOAD_UNIT}, or kexec-file kdump reload`,
    });
  }
  if (state.crashLoaded && record === undefined) {
    problems.push({
      severity: 'warns',
      what: 'the loaded crash kernel is not of the service: whether it saves a dump is not known',
      cure: 'replace it, if the service should capture crashes: kexec-file kdump reload',
    });
  }
  if (changes instanceof KexecError) {
    problems.push(describeRefusal(changes, state.crashLoaded ? 'warns' : 'stops'));
  } else if (changes.length > 0) {
    problems.push({
      severity: 'warns',
      what: `since the crash kernel was loaded, ${changes.join(', ')}`,
      cure: 'load it again: kexec-file kdump reload',
    });
  }
  return [
    ...problems,
    ...otherUnits.map((unit) => ({
      severity: 'warns' as const,
      what: `${unit} is enabled: it loads a crash kernel of its own`,
      cure: `leave one of them: systemctl disable --now ${unit}, or ${LOAD_UNIT}`,
    })),
  ];
}

/** Whether the loaded crash kernel is of another program, which saves elsewhere. */
function savesElsewhere({ state, record }: KdumpFacts): boolean {
  return state.crashLoaded && (record === undefined || !startsSave(record.commandLine));
}

/** What doctor knows of it, but for problems. */
function listSavedElsewhere(findings: readonly Finding[]): string[] {
  return findings.flatMap(({ topic, severity, fact }) =>
    topic === 'dump' && (severity === 'fine' || severity === 'unknown') ? [fact] : [],
  );
}

/** What a save would meet. */
function listSaveProblems(facts: KdumpFacts): KdumpProblem[] {
  const { record, settings, hasSaveUnit, target, estimate } = facts;
  if (savesElsewhere(facts)) return [];
  const problems: KdumpProblem[] = [];
  const hasOwnInitrd = !(settings instanceof KexecError) && settings.kdump.initrd !== undefined;
  if (record !== undefined && !hasSaveUnit && !hasOwnInitrd) {
    problems.push({
      severity: 'stops',
      what: `${SAVE_UNIT} is not installed, which the capture kernel starts`,
      cure: 'install the Debian package of kexec-file again',
    });
  }
  if (target instanceof KexecError) return [...problems, describeRefusal(target, 'stops')];
  const lack = estimate && describeLack(target, estimate.atMost);
  if (lack !== undefined) {
    problems.push({
      severity: 'warns',
      what: lack,
      cure: 'make room, name a larger disk ([kdump] path), or leave out more pages ([kdump] filter)',
    });
  }
  return problems;
}

function listDoctorProblems(facts: KdumpFacts): KdumpProblem[] {
  return selectFindings(facts.findings, facts.state.crashLoaded, savesElsewhere(facts));
}
