import { Command, Option } from 'commander';
import { PRESETS } from '../../machine/presets/presets.js';
import { diagnoseFiles } from '../../node/live/diagnose-files.js';
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
  const findings = await diagnoseFiles({ ...options, kernel, trust: trustSources(options) });
  if (options.json === true) printJson({ findings: findings.map(({ evidence: _, ...finding }) => finding) });
  else printText(formatFindings(findings, { color: useColor }));
  if (findings.some(({ severity }) => severity === 'stops')) process.exitCode = STOPPED;
}
