import { Command, Option } from 'commander';
import { PRESETS } from '../../machine/presets/presets.js';
import { diagnoseFiles } from '../../node/live/diagnose-files.js';
import { POLICIES, type Policy } from '../../trust/policy.js';
import { formatFindings } from '../../view/text/doctor-text.js';
import { explainUsage } from '../help/explain-usage.js';
import { addTrustOptions, readTrustOptions, type TrustCliOptions } from '../options/trust-options.js';
import { REFUSED } from '../terminal/exit-codes.js';
import { printText } from '../terminal/output.js';
import { printReport } from '../terminal/reports.js';
import { outputView } from '../terminal/screen.js';

interface DoctorOptions extends TrustCliOptions {
  readonly initrd?: string;
  readonly commandLine?: string;
  readonly config?: string;
  readonly machine?: string;
  readonly panic?: boolean;
  readonly policy?: Policy;
  readonly json?: boolean;
}

export function buildDoctorCommand(): Command {
  return addTrustOptions(new Command())
    .argument(
      '[kernel]',
      'the kernel to load: an Image (arm64) or a bzImage (x86_64), or a file that contains one',
    )
    .option('--initrd <file>', "the kernel's initial RAM disk")
    .option('--command-line <text>', "the kernel's command line (default: the running kernel's)")
    .option(
      '--config <file>',
      "the kernel's configuration (default: the running kernel's, if the release is the same)",
    )
    .option('--panic', 'the kernel is a crash kernel')
    .option(
      '--machine <machine>',
      `examine a machine file or a preset (${Object.keys(PRESETS).join(', ')}) instead of this machine`,
    )
    .addOption(
      new Option(
        '--policy <policy>',
        'effect of a signature, as for load (default on this machine: enforce)',
      ).choices(POLICIES),
    )
    .option(
      '--ima-xattr <file>',
      "the value of the kernel's security.ima, for a machine whose IMA appraises kernels",
    )
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Prints what would stop kexec or kdump on this machine, or on a recorded one: for each finding the fact, why it matters,
what to do, and the source. Given a kernel, it also simulates the load, and a refusal is a finding. It changes nothing.
Run it as root, so that it can read everything.

Exit code 0 if nothing stops either, 1 if something does.`,
        documents: ['docs/doctor.md'],
        examples: `
kexec-file doctor
kexec-file doctor vmlinuz --initrd initrd.img --keyring shimaa64.efi.signed
kexec-file doctor vmlinuz --initrd kdump.img --panic --json
kexec-file doctor --machine server.json`,
      }),
    )
    .action(doctor);
}

async function doctor(kernel: string | undefined, options: DoctorOptions): Promise<void> {
  const findings = await diagnoseFiles({ ...options, kernel, trust: readTrustOptions(options) });
  if (options.json === true)
    printReport('doctor', { findings: findings.map(({ evidence: _, ...finding }) => finding) });
  else printText(formatFindings(findings, outputView()));
  if (findings.some(({ severity }) => severity === 'stops')) process.exitCode = REFUSED;
}
