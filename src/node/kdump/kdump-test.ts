import { attempt, attemptAsync, KexecError } from '../../base/error.js';
import { formatSize } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import { listWarnings } from '../../base/warnings.js';
import { describeLack } from '../../crash/dump-room.js';
import type { Finding } from '../../doctor/finding.js';
import { adviseTrust } from '../../kdump/advise-trust.js';
import { describeRefusal, type KdumpProblem, selectFindings } from '../../kdump/kdump-problem.js';
import type { KdumpPart, KdumpTestStep } from '../../kdump/kdump-test-step.js';
import { SAVE_UNIT } from '../../kdump/service-units.js';
import { findBanner } from '../../kernel-file/kernel-banner.js';
import type { Settings } from '../../settings/settings.js';
import type { SaveProgress } from '../../vmcore/save/dump-target.js';
import { recordLive } from '../collect/record-live.js';
import { diagnoseFiles } from '../live/diagnose-files.js';
import { examineDumpFolder } from '../live/dump-target-folder.js';
import { CALL_NAMES } from '../live/load-request.js';
import { type PredictedLoad, predictLive } from '../live/predict-live.js';
import { readState } from '../live/system-calls/state.js';
import { readSettings } from '../settings/read-settings.js';
import { type CapturePlan, findSaveUnit, planCapture } from './capture-plan.js';
import { estimateNow, listOtherUnits } from './kdump-status.js';
import { describeRehearsal, rehearseSave } from './rehearse-save.js';
import { findRootDriver } from './root-driver.js';

type OnProgress = (progress: SaveProgress) => void;

/**
 * Tries everything between a crash and its dump that can be tried without one. Nothing is changed.
 *
 * @param onProgress - called from time to time while memory is saved for a test
 * @returns the steps, in the order in which a crash meets them
 * @throws KexecError check `live-platform`, if the kernel has no kexec; `machine-live` on another system.
 */
export async function testKdump(onProgress?: OnProgress): Promise<KdumpTestStep[]> {
  const settings = attempt(() => readSettings());
  if (settings instanceof KexecError) return [refused('settings', settings)];
  const region = testRegion();
  const plan = attempt(() => planCapture(settings));
  if (plan instanceof KexecError) {
    return [fine('settings', 'they can be read'), region, refused('files', plan), ...testTarget(settings)];
  }
  return [
    fine('settings', 'they can be read'),
    region,
    fine('files', [plan.kernel, ...(plan.initrd === undefined ? [] : [plan.initrd])].join(', ')),
    ...(await testLoad(plan)),
    ...(await testMachine(plan)),
    testUnit(settings),
    await testDump(settings, onProgress),
    ...testTarget(settings),
  ];
}

function testRegion(): KdumpTestStep {
  const { crashSize } = readState();
  if (crashSize > 0n) return fine('crash region', `${formatSize(crashSize)} are reserved`);
  return {
    part: 'crash region',
    verdict: 'stops',
    detail: 'no memory is reserved: /sys/kernel/kexec_crash_size is 0',
    cure: 'add crashkernel= to the command line, and reboot; kexec-file doctor says how',
  };
}

async function testLoad(plan: CapturePlan): Promise<KdumpTestStep[]> {
  const predicted = await attemptAsync(() => predictLive(plan.load));
  if (predicted instanceof KexecError) return [refused('load', adviseTrust(predicted))];
  const { result } = predicted;
  if ('refusal' in result) return [refused('load', result.refusal)];
  const warnings = listWarnings(result.trail).map(
    ({ check, detail, cure }): KdumpTestStep => ({
      part: 'load',
      verdict: 'warns',
      detail: `${check}: ${detail}`,
      cure,
    }),
  );
  return [describeAccepted(predicted, plan), ...warnings, await testRoot(plan, result.image)];
}

function describeAccepted({ syscall, result }: PredictedLoad, { load }: CapturePlan): KdumpTestStep {
  const places =
    'kimage' in result ? result.kimage.segments.map(({ name, mem }) => `${name} at ${hex(mem)}`) : [];
  return fine(
    'load',
    `${CALL_NAMES[syscall]} would load it under the policy ${load.policy}: ${places.join(', ')}`,
  );
}

/** The initrd mounts the root file system, whose driver must be there. */
async function testRoot({ initrd }: CapturePlan, image: Uint8Array | undefined): Promise<KdumpTestStep> {
  const release = image && findBanner(image)?.release;
  const driver = release === undefined ? undefined : await findRootDriver(initrd, release);
  if (driver === undefined) {
    return {
      part: 'root',
      verdict: 'unknown',
      detail: 'whether the capture kernel can mount the root file system is not known',
      cure: 'try it: kexec-file crash rehearse boots the capture kernel in QEMU',
    };
  }
  const { type, in: place } = driver;
  if (place !== undefined) return fine('root', `the driver of its file system, ${type}, is in the ${place}`);
  return {
    part: 'root',
    verdict: 'stops',
    detail: `neither the capture kernel nor its initrd has a driver for the root file system, which is ${type}`,
    cure: 'build the initrd again (update-initramfs -u, dracut --force)',
  };
}

/** Subjects of doctor that have a step of their own. */
const TESTED_ELSEWHERE: readonly Finding['topic'][] = ['load', 'image', 'signature', 'status'];

/** What doctor knows of this machine, with the kernel in question. */
async function testMachine({ kernel, initrd, commandLine, load }: CapturePlan): Promise<KdumpTestStep[]> {
  const all = await diagnoseFiles({
    ...{ panic: true, kernel, initrd, commandLine },
    ...{ trust: load.trust, policy: load.policy },
  });
  const findings = all.filter(({ topic }) => !TESTED_ELSEWHERE.includes(topic));
  const problems = selectFindings(findings, false);
  if (problems.length > 0) return problems.map((problem) => describeProblem('machine', problem));
  const unknown = findings.filter(({ severity, about }) => severity === 'unknown' && about !== 'kexec');
  if (unknown.length === 0) return [fine('machine', 'doctor finds nothing that stops kdump')];
  return unknown.map(({ topic, fact, cure }) => ({
    part: 'machine',
    verdict: 'unknown',
    detail: `${topic}: ${fact}`,
    cure,
  }));
}

function testUnit({ kdump }: Settings): KdumpTestStep {
  const unit = findSaveUnit();
  const others = listOtherUnits();
  if (others.length > 0) {
    return {
      part: 'save',
      verdict: 'warns',
      detail: `${others.join(' and ')} is enabled: it loads a crash kernel of its own`,
      cure: `disable it: systemctl disable --now ${others.join(' ')}`,
    };
  }
  if (unit !== undefined) return fine('save', `the capture kernel starts ${unit}`);
  return fine('save', `${SAVE_UNIT} is not installed; the initrd ${kdump.initrd} has to save by itself`);
}

/** That the memory cannot be read now says nothing about a crash; that it can be read, but not saved, does. */
async function testDump({ kdump }: Settings, onProgress?: OnProgress): Promise<KdumpTestStep> {
  const rehearsed = await attemptAsync(() => rehearseSave(kdump, { onProgress }));
  if (!(rehearsed instanceof KexecError))
    return fine('dump', `saved without a crash: ${describeRehearsal(rehearsed)}`);
  if (rehearsed.check === 'file-access') {
    return {
      part: 'dump',
      verdict: 'unknown',
      detail: `the running kernel's memory cannot be saved for a test: ${rehearsed.seen}`,
      cure: 'run it as root; a locked-down kernel (Secure Boot) lets nobody read it',
    };
  }
  return describeProblem('dump', describeRefusal(rehearsed, 'warns'));
}

function testTarget({ kdump }: Settings): KdumpTestStep[] {
  const target = attempt(() => examineDumpFolder(kdump.path));
  if (target instanceof KexecError) return [refused('target', target)];
  const free = fine('target', `${target.path} can be written to, and has ${formatSize(target.free)} free`);
  const machine = attempt(recordLive);
  if (machine instanceof KexecError) return [free];
  const { atMost } = estimateNow(machine, kdump);
  const lack = describeLack(target, atMost);
  if (lack === undefined) {
    return [{ ...free, detail: `${free.detail}; a dump would now take at most ${formatSize(atMost)}` }];
  }
  return [
    {
      part: 'target',
      verdict: 'warns',
      detail: lack,
      cure: 'make room, name a larger disk ([kdump] path), or leave out more pages ([kdump] filter)',
    },
  ];
}

function fine(part: KdumpPart, detail: string): KdumpTestStep {
  return { part, verdict: 'fine', detail };
}

function refused(part: KdumpPart, error: KexecError): KdumpTestStep {
  return describeProblem(part, describeRefusal(error, 'stops'));
}

function describeProblem(part: KdumpPart, { severity, what, cure }: KdumpProblem): KdumpTestStep {
  return { part, verdict: severity, detail: what, cure };
}
