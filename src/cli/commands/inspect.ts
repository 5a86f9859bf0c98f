import { Command } from 'commander';
import { KexecError } from '../../base/error.js';
import type { Inspected } from '../../inspect/facts.js';
import { inspect } from '../../inspect/inspect-file.js';
import { nodeDecompress } from '../../node/codecs/node-decompress.js';
import { nodeHashes } from '../../node/codecs/node-hashes.js';
import { readKernel } from '../../node/files/member-path.js';
import { inspectDumpFile } from '../../node/vmcore/inspect-dump-file.js';
import { buildInspectedJson } from '../../view/json/inspected-json.js';
import { buildRefusalJson } from '../../view/json/refusal-json.js';
import { formatInspected } from '../../view/text/inspected-text.js';
import { explainUsage } from '../help/explain-usage.js';
import { printText } from '../terminal/output.js';
import { printReport } from '../terminal/reports.js';
import { outputView } from '../terminal/screen.js';

export function buildInspectCommand(): Command {
  return new Command()
    .argument(
      '<file>',
      'any file that a command takes or makes: a kernel, an initrd, a dump, a certificate, a machine file, …',
    )
    .option('--json', 'print the contents as JSON')
    .addHelpText(
      'after',
      explainUsage({
        about: `
A kernel file begins with its release, compiler and signer; then it is shown as a tree, layer by layer, down to the
Image, or to the bzImage of x86_64. The configurations of a FIT and the profiles of a UKI are listed; FILE#NAME shows
one of them. An initrd is shown archive by archive. Of a private key, only the kind is shown. No signature is verified: "verify" does that.

A file that is cut short or malformed is refused, with what was seen, at which offset, and the rule. A file of another
kind is named, with what to do with it.`,
        examples: `
kexec-file inspect /boot/vmlinuz
kexec-file inspect /boot/initrd.img
kexec-file inspect db.esl
kexec-file inspect vmcore
kexec-file inspect board.dtb --json`,
      }),
    )
    .action(inspectFile);
}

async function inspectFile(file: string, options: { json?: boolean }): Promise<void> {
  try {
    const inspected = inspectDumpFile(file) ?? (await inspectWhole(file));
    if (options.json === true) printReport('inspect', buildInspectedJson(file, inspected));
    else printText(formatInspected(file, inspected, outputView()));
  } catch (error) {
    if (options.json === true && error instanceof KexecError)
      printReport('inspect', { file, refusal: buildRefusalJson(error) });
    throw error;
  }
}

async function inspectWhole(file: string): Promise<Inspected> {
  const { bytes, member } = readKernel(file);
  return inspect(bytes, { decompress: nodeDecompress, hashes: nodeHashes, member: { name: member } });
}
