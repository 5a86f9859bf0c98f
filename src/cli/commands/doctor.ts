import { Command, Option } from 'commander';
import { KexecError } from '../../base/error.js';
import { diagnose } from '../../doctor/diagnose.js';
import { type Finding, sortBySeverity } from '../../doctor/finding.js';
import type { IntendedLoad, IntendedTrust, LiveFacts } from '../../doctor/intended-load.js';
import { openIntendedKernel } from '../../doctor/open-intended-kernel.js';
import { diagnoseProcess } from '../../doctor/subjects/permission-findings.js';
import { describeMalformedFact } from '../../doctor/subjects/unknown-findings.js';
import type { Machine } from '../../machine/machine-value.js';
import { PRESETS } from '../../machine/presets/presets.js';
import { nodeHashes } from '../../node/codecs/node-hashes.js';
import { readFile, readText } from '../../node/files/read-file.js';
import { findMachine } from '../../node/plan/find-machine.js';
import { POLICIES, type Policy } from '../../trust/policy.js';
import { formatFindings } from '../../view/text/doctor-text.js';
import { addTrustOptions, type TrustCliOptions, trustSources } from '../options/trust-options.js';
import { printJson, printText, useColor } from '../terminal/output.js';

interface DoctorOptions extends TrustCliOptions {
  readonly initrd?: string;
  readonly commandLine?: string;
  readonly config?: string;
  readonly machine?: string;
  readonly panic?: boolean;
  readonly policy?: Policy;
  readonly json?: boolean;
}

/** Exit code where something stops kexec or kdump. */
const STOPPED = 1;

export function doctorCommand(): Command {
  return addTrustOptions(new Command())
    .argument('[kernel]', 'a kernel that is to be loaded: an arm64 Image, or what it comes in')
    .option('--initrd <file>', 'the initrd that goes with it')
    .option('--command-line <text>', "its command line; without it, the running kernel's is taken")
    .option(
      '--config <file>',
      "its configuration; without it, the running kernel's where the release is the same",
    )
    .option('--panic', 'it is to be a crash kernel')
    .option(
      '--machine <machine>',
      `look at a machine file, or a preset (${Object.keys(PRESETS).join(', ')}), instead of this machine`,
    )
    .addOption(
      new Option(
        '--policy <policy>',
        'what a signature decides, as for load (on this machine: enforce)',
      ).choices(POLICIES),
    )
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Says what would stop kexec or kdump on this machine, or on a recorded one: each finding with the fact, why it matters,
and the cure. With a kernel, it is loaded in thought, and its refusal is a finding. Nothing is changed; run it as root to
have all facts read.
Exit code 0 when nothing stops either, 1 when something does.

Examples:
  kexec-file doctor
  kexec-file doctor vmlinuz --initrd initrd.img --keyring shimaa64.efi.signed
  kexec-file doctor vmlinuz --initrd kdump.img --panic --command-line 'nr_cpus=1' --json
  kexec-file doctor --machine server.json`,
    )
    .action(doctor);
}

async function doctor(kernel: string | undefined, options: DoctorOptions): Promise<void> {
  const findings = await (options.machine === undefined ? diagnoseLive : diagnoseRecorded)(kernel, options);
  if (options.json === true) printJson({ findings: findings.map(({ evidence: _, ...finding }) => finding) });
  else printText(formatFindings(findings, { color: useColor }));
  if (findings.some(({ severity }) => severity === 'stops')) process.exitCode = STOPPED;
}

async function diagnoseRecorded(kernel: string | undefined, options: DoctorOptions): Promise<Finding[]> {
  const machine = await findMachine(options.machine ?? '');
  return diagnose(machine, await subjectOf(kernel, options, machine));
}

/** This machine; of one that cannot be recorded, what the process may do can be told all the same. */
async function diagnoseLive(kernel: string | undefined, options: DoctorOptions): Promise<Finding[]> {
  const { readHasKexecFileLoad, readPrivileges } = await import('../../node/live/privileges.js');
  const { recordLive } = await import('../../node/collect/record-live.js');
  const privileges = readPrivileges();
  let machine: Machine;
  try {
    machine = recordLive();
  } catch (error) {
    if (!(error instanceof KexecError) || error.check === 'machine-live') throw error;
    return sortBySeverity([...diagnoseProcess(privileges), describeMalformedFact('machine', error)]);
  }
  // The configuration tells as well, and need not be searched among all symbols.
  const has = machine.kernel?.config === undefined ? readHasKexecFileLoad() : undefined;
  const live = { ...privileges, ...(has === undefined ? {} : { hasKexecFileLoad: has }) };
  return diagnose(machine, await subjectOf(kernel, options, machine, live));
}

async function subjectOf(
  kernel: string | undefined,
  options: DoctorOptions,
  machine: Machine,
  live?: LiveFacts,
): Promise<IntendedLoad> {
  const { initrd, commandLine, config, panic } = options;
  const { nodeDecompress } = await import('../../node/codecs/node-decompress.js');
  const subject: IntendedLoad = {
    kernel: kernel === undefined ? undefined : readFile(kernel),
    initrd: initrd === undefined ? undefined : readFile(initrd),
    commandLine,
    panic,
    options: config === undefined ? undefined : await readOptions(config),
    trust: kernel === undefined ? undefined : await trustSubject(options, machine, live !== undefined),
    live,
  };
  return openIntendedKernel(subject, { decompress: nodeDecompress, hashes: nodeHashes });
}

async function readOptions(path: string): Promise<Record<string, string>> {
  const { parseKernelConfig } = await import('../../machine/kernel-config.js');
  return parseKernelConfig(readText(path));
}

/** As a load has it: who is named is trusted, and where nobody is, those whom the machine's EFI variables name. */
async function trustSubject(
  options: DoctorOptions,
  { efiVariables = {} }: Machine,
  isLive: boolean,
): Promise<IntendedTrust> {
  const { readTrustSources, variableTrustSources } = await import('../../node/keys/keyrings.js');
  const { buildTrustStore } = await import('../../trust/keyrings/trust-store.js');
  const named = readTrustSources(trustSources(options));
  const isNamed = options.cert.length + options.keyring.length > 0;
  const { db, MokListRT, ...revoking } = efiVariables;
  return {
    hashes: nodeHashes,
    storeFor: (policy) => {
      const own = variableTrustSources(policy === 'enforce' && isNamed ? revoking : efiVariables);
      return buildTrustStore([...named, ...own], nodeHashes);
    },
    isEnforced: options.policy === undefined ? isNamed || isLive : options.policy === 'enforce',
  };
}
