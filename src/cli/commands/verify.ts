import { Command, Option } from 'commander';
import type { Machine } from '../../machine/machine-value.js';
import { checkOutputs, type OutputOptions } from '../../node/files/outputs.js';
import type { FileSignatureKind, FileVerdict } from '../../node/keys/verify-file.js';
import { verifyFiles } from '../../node/keys/verify-files.js';
import type { Report } from '../../view/json/schemas/report-schemas.js';
import { formatVerdict, formatVerdictNotes } from '../../view/text/verdict-text.js';
import { explainUsage } from '../help/explain-usage.js';
import {
  addForceOption,
  listReport,
  type OutputCliOptions,
  readOutputOptions,
} from '../options/output-options.js';
import { addTrustOptions, readTrustOptions, type TrustCliOptions } from '../options/trust-options.js';
import { outliveReader, printError, printText } from '../terminal/output.js';
import { showProgress } from '../terminal/progress.js';
import { printReportLine } from '../terminal/reports.js';
import { errorView, outputView } from '../terminal/screen.js';
import { packageVersion } from '../terminal/version.js';

interface VerifyOptions extends TrustCliOptions, OutputCliOptions {
  readonly json?: boolean;
  readonly format?: 'sarif';
  readonly output?: string;
  readonly trail?: boolean;
  readonly appended?: boolean;
  readonly imaXattr?: string;
  readonly machine?: string;
}

export function buildVerifyCommand(): Command {
  return addForceOption(
    addTrustOptions(
      new Command().argument(
        '<file...>',
        'signed PE files: kernels, boot loaders; or files that contain a kernel',
      ),
    ),
  )
    .addOption(new Option('--appended', 'verify the appended signature, as IMA does').conflicts('imaXattr'))
    .option(
      '--ima-xattr <file>',
      'verify the value of security.ima that this file contains; only with one file',
    )
    .option(
      '--machine <machine>',
      'a machine file, or a preset: what its dbx and MokListXRT revoke is revoked; without --cert and --keyring, its db ' +
        'and MokListRT are trusted',
    )
    .option('--json', 'print one JSON object a line for each file')
    .addOption(
      new Option('--format <format>', 'print the refusals in a format of other programs: SARIF 2.1.0')
        .choices(['sarif'])
        .conflicts(['json', 'trail']),
    )
    .option('-o, --output <file>', 'write the report of --format into this file, and print the verdicts')
    .option('--trail', 'print every check')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Verifies as the kernel does in kexec_file_load(2), errno for errno. Only the first signature of a file counts. It is
checked against the builtin, secondary and machine keyrings, and if no chain reaches one of them, against the platform
keyring. A prefix names the keyring: --keyring platform:db.esl. Without one, certificates go into builtin, signature
lists into platform, and the CA of a shim into machine. Many files are verified on all CPUs.

--appended and --ima-xattr verify the signature for IMA's appraisal instead, against the keyring "ima:" or, if none is
given, builtin, secondary and machine, then platform.

Of a file that contains a signed kernel and cannot be signed itself (compressed, uImage, FIT, Android boot image), the
kernel in it is verified, as "plan" does. FILE#NAME takes a configuration of a FIT.

Exit code 0 if every file is trusted, 1 if one is not.`,
        documents: ['docs/signatures.md', 'docs/pipelines.md', 'docs/json.md'],
        examples: `
kexec-file verify vmlinuz --cert signing_key.pem
kexec-file verify /boot/vmlinuz-* --keyring /usr/lib/shim/shimaa64.efi.signed
kexec-file verify vmlinuz --keyring db.esl --dbx dbx.esl --json
kexec-file verify vmlinuz --machine server.json
kexec-file verify vmlinuz --keyring db.esl --format sarif -o verify.sarif
getfattr --only-values -n security.ima vmlinuz > v.ima && \\
  kexec-file verify vmlinuz --keyring ima:keys/ --ima-xattr v.ima`,
      }),
    )
    .action(verify);
}

async function verify(files: string[], options: VerifyOptions, command: Command): Promise<void> {
  if (options.imaXattr !== undefined && files.length > 1) {
    command.error('error: --ima-xattr belongs to one file; give only one', { exitCode: 2 });
  }
  const { format, output, cert, keyring, dbx } = options;
  if (output !== undefined && format === undefined)
    command.error('error: --output is the file of --format; give both', { exitCode: 2 });
  const inputs = [...files, options.imaXattr, ...cert, ...keyring, ...dbx];
  const outputs = readOutputOptions(options, inputs);
  checkOutputs({ '--output': output, ...listReport(options) }, outputs);
  if (output !== undefined) outliveReader();
  const machine = options.machine === undefined ? undefined : await readMachine(options.machine);
  const progress = showProgress(files.length, 'verified');
  const verdicts = await verifyFiles(files, {
    trust: readTrustOptions(options),
    machine,
    signature: chooseSignatureKind(options),
    onVerdict: () => progress.step(),
  }).finally(() => progress.stop());
  for (const verdict of verdicts) {
    if (options.json === true) printReportLine('verify', await buildVerdictJson(verdict, options));
    else if (format === undefined || output !== undefined) await printVerdict(verdict, options);
  }
  if (format !== undefined) await writeSarif(verdicts, output ?? '-', outputs);
  if (verdicts.some(({ verdict }) => verdict === 'refused')) process.exitCode = 1;
}

function formatFileCount(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}

/** Writes the refusals as a SARIF log, and names its file on standard error. */
async function writeSarif(
  verdicts: readonly FileVerdict[],
  path: string,
  outputs: OutputOptions,
): Promise<void> {
  const { writeOutput } = await import('../terminal/write-output.js');
  const { formatVerdictsSarif } = await import('../../view/sarif/verdicts-sarif.js');
  const bytes = new TextEncoder().encode(formatVerdictsSarif(verdicts, packageVersion()));
  await writeOutput(
    path,
    [bytes],
    outputs,
    (size) => `a report on ${formatFileCount(verdicts.length)}, ${size}`,
  );
}

async function readMachine(name: string): Promise<Machine> {
  const { findMachine } = await import('../../node/plan/find-machine.js');
  return findMachine(name);
}

function chooseSignatureKind({ appended, imaXattr }: VerifyOptions): FileSignatureKind {
  if (imaXattr !== undefined) return { kind: 'ima-xattr', value: imaXattr };
  return { kind: appended === true ? 'appended' : 'pe' };
}

async function buildVerdictJson(
  { trail, ignoredSignatures: _, ...verdict }: FileVerdict,
  options: VerifyOptions,
): Promise<Report<'verify'>> {
  if (options.trail !== true) return verdict;
  const { buildTrailEntryJson } = await import('../../view/json/plan-json.js');
  return {
    ...verdict,
    // With the checks that were made together with one.
    trail: trail.map((entry) => ({
      ...buildTrailEntryJson(entry),
      ...(entry.also === undefined ? {} : { also: entry.also }),
    })),
  };
}

const WITHIN_NOTE = 'kexec_file_load takes only the kernel in this file, and verifies its signature';

async function printVerdict(verdict: FileVerdict, options: VerifyOptions): Promise<void> {
  const { ignoredSignatures, notes = [], within, trail } = verdict;
  if (verdict.verdict === 'ok') printText(formatVerdict(verdict, outputView()));
  else printError(formatVerdict(verdict, errorView()));
  const all = within === undefined ? notes : [WITHIN_NOTE, ...notes];
  if (all.length + ignoredSignatures.length > 0)
    printText(formatVerdictNotes({ notes: all, warnings: ignoredSignatures }, outputView()));
  if (options.trail === true) {
    const { formatTrail } = await import('../../view/text/trail-text.js');
    printText(formatTrail(trail, outputView()));
  }
}
