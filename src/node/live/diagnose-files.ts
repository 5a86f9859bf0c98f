import { attempt, KexecError } from '../../base/error.js';
import { diagnose } from '../../doctor/diagnose.js';
import { findDumpService } from '../../doctor/dump-service.js';
import { type Finding, sortBySeverity } from '../../doctor/finding.js';
import type { IntendedLoad, IntendedTrust, LiveFacts } from '../../doctor/intended-load.js';
import { openIntendedKernel } from '../../doctor/open-intended-kernel.js';
import { diagnoseProcess } from '../../doctor/subjects/permission-findings.js';
import { describeMalformedFact } from '../../doctor/subjects/unknown-findings.js';
import { openingFor } from '../../kexec/open-kernel-file.js';
import type { Machine } from '../../machine/machine-value.js';
import { nodeHashes } from '../codecs/node-hashes.js';
import { completeThisMachine } from '../collect/record-this-machine.js';
import { type FileInput, readInput } from '../files/file-input.js';
import { readKernel } from '../files/member-path.js';
import { readTextIfAny } from '../files/read-file.js';
import { findMachine } from '../plan/find-machine.js';
import type { TrustedFiles } from '../plan/plan-files.js';
import { readCaptureFileFacts } from './capture-file-facts.js';
import { examineDumpFolder } from './dump-target-folder.js';

/**
 * What {@link diagnoseFiles} examines. Without a kernel, it examines the machine alone. If `trust` names no file, the
 * machine's EFI variables decide; on this machine the policy is `enforce` if left out.
 */
export interface DiagnoseOptions extends TrustedFiles, Pick<IntendedLoad, 'commandLine' | 'panic'> {
  /** A machine's value, the path of a machine file, or a preset; the machine that this runs on, if left out. */
  readonly machine?: Machine | string | undefined;
  /** The kernel to load: an Image (arm64) or a bzImage (x86_64), or a file that contains one. */
  readonly kernel?: FileInput | undefined;
  readonly initrd?: FileInput | undefined;
  /** The kernel's configuration; the running kernel's, if left out and the release is the same. */
  readonly config?: FileInput | undefined;
}

/**
 * Finds what would stop kexec or kdump, as `kexec-file doctor` does. A kernel is loaded in a dry run; nothing is
 * changed.
 *
 * @returns the findings, the worst first. A machine that cannot be recorded is a finding.
 * @throws KexecError check `machine-live`: without `machine`, elsewhere than on Linux on arm64 and x86_64; or a file cannot be
 *   read.
 */
export async function diagnoseFiles(options: DiagnoseOptions = {}): Promise<Finding[]> {
  const { machine } = options;
  if (machine === undefined) return diagnoseLive(options);
  const recorded = typeof machine === 'string' ? await findMachine(machine) : machine;
  return diagnose(recorded, await readIntendedLoad(options, recorded));
}

/** Diagnoses this machine. If it cannot be recorded, the permissions of this process are known all the same. */
async function diagnoseLive(options: DiagnoseOptions): Promise<Finding[]> {
  const { readHasKexecFileLoad, readPrivileges } = await import('./privileges.js');
  const { recordLive } = await import('../collect/record-live.js');
  const privileges = readPrivileges();
  const recorded = attempt(recordLive);
  if (recorded instanceof KexecError) {
    if (recorded.check === 'machine-live') throw recorded;
    return sortBySeverity([...diagnoseProcess(privileges), describeMalformedFact('machine', recorded)]);
  }
  // A dry run on x86_64 needs the running kernel's purgatory.
  const machine = options.kernel === undefined ? recorded : await completeThisMachine(recorded);
  // The configuration tells as well, and need not be searched among all symbols.
  const has = machine.kernel?.config === undefined ? readHasKexecFileLoad() : undefined;
  const live = {
    ...privileges,
    ...(has === undefined ? {} : { hasKexecFileLoad: has }),
    dump: readDumpFacts(machine),
  };
  return diagnose(machine, await readIntendedLoad(options, machine, live));
}

/** Reads what decides about a dump that another program's service would save now. */
function readDumpFacts({ kdumpTools }: Machine): NonNullable<LiveFacts['dump']> {
  const service = kdumpTools && findDumpService(kdumpTools);
  const place = service?.places.find(({ kind }) => kind === 'folder');
  return {
    meminfo: readTextIfAny('/proc/meminfo'),
    folder: place?.kind === 'folder' ? attempt(() => examineDumpFolder(place.path)) : undefined,
    captureFiles: service && readCaptureFileFacts(service),
  };
}

async function readIntendedLoad(
  options: DiagnoseOptions,
  machine: Machine,
  live?: LiveFacts,
): Promise<IntendedLoad> {
  const { kernel, initrd, commandLine, config, panic } = options;
  const { nodeDecompress } = await import('../codecs/node-decompress.js');
  const file = kernel === undefined ? undefined : readKernel(kernel);
  const intended: IntendedLoad = {
    kernel: file?.bytes,
    initrd: initrd === undefined ? undefined : readInput(initrd),
    commandLine,
    panic,
    options: config === undefined ? undefined : await readConfig(config),
    trust: kernel === undefined ? undefined : await readTrust(options, machine, live !== undefined),
    live,
  };
  const opening = openingFor(machine, { decompress: nodeDecompress, hashes: nodeHashes });
  return openIntendedKernel(intended, { ...opening, member: { ...opening.member, name: file?.member } });
}

async function readConfig(config: FileInput): Promise<Record<string, string>> {
  const { parseKernelConfig } = await import('../../machine/kernel-config.js');
  return parseKernelConfig(new TextDecoder().decode(readInput(config)));
}

/** As for a load: the given files are trusted or, without any, those that the machine's EFI variables hold. */
async function readTrust(
  { trust = {}, policy }: DiagnoseOptions,
  machine: Machine,
  isLive: boolean,
): Promise<IntendedTrust> {
  const { readMachineTrust } = await import('../keys/machine-trust.js');
  const { given, storeFor, imaXattr } = readMachineTrust(trust, machine);
  return {
    hashes: nodeHashes,
    storeFor,
    imaXattr,
    isEnforced: policy === undefined ? given.namesTrusted || isLive : policy === 'enforce',
  };
}
