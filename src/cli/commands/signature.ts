import { Command, Option } from 'commander';
import { describeWithin } from '../../kernel-file/signed-part.js';
import { nodeHashes } from '../../node/codecs/node-hashes.js';
import { readKernel, splitMember } from '../../node/files/member-path.js';
import { checkOutputs } from '../../node/files/outputs.js';
import { readFile } from '../../node/files/read-file.js';
import { readVerifiedPart } from '../../node/keys/read-signed-part.js';
import { attachSignature } from '../../trust/sign/attach.js';
import { listSignatures } from '../../trust/sign/list.js';
import { extractSignature, removeSignatures } from '../../trust/sign/remove.js';
import { buildSignaturesJson } from '../../view/json/signature-json.js';
import { joinPrintable, line } from '../../view/text/printable.js';
import { formatSignatures } from '../../view/text/signature-text.js';
import { explainUsage } from '../help/explain-usage.js';
import { wholeNumber } from '../options/option-values.js';
import {
  addForceOption,
  listReport,
  type OutputCliOptions,
  readOutputOptions,
} from '../options/output-options.js';
import { printText } from '../terminal/output.js';
import { printReport } from '../terminal/reports.js';
import { outputView } from '../terminal/screen.js';
import { writeOutput } from '../terminal/write-output.js';
import { notePlace, noteRemaining } from './signature-notes.js';

export function buildSignatureCommand(): Command {
  return new Command()
    .addCommand(buildListCommand())
    .addCommand(buildDetachCommand())
    .addCommand(buildAttachCommand())
    .addCommand(buildRemoveCommand())
    .addHelpText(
      'after',
      explainUsage({
        about: `
"list" and "detach" take the kernel out of a file that cannot be signed itself (compressed, uImage, FIT, Android boot
image); for "attach" and "remove", take it out first.

Signatures are numbered from 0. The kernel verifies only signature 0. A detached signature is a bare PKCS#7 message in
DER, as sbsign --detached writes it and sbattach reads it.

"remove" gives the file as it was before this program or sbsign signed it, byte for byte.`,
        documents: ['docs/signing.md'],
        examples: `
kexec-file signature list vmlinuz --json
kexec-file signature detach vmlinuz --output vmlinuz.pk7
kexec-file signature attach vmlinuz.unsigned vmlinuz.pk7 --output vmlinuz
kexec-file signature remove vmlinuz --output vmlinuz.unsigned`,
      }),
    );
}

function buildListCommand(): Command {
  return new Command('list')
    .description('show the signatures of a PE file, unverified')
    .argument('<file>', 'a PE file')
    .option('--json', 'print the signatures as JSON')
    .addHelpText('after', explainUsage({ examples: 'kexec-file signature list vmlinuz --json' }))
    .action(list);
}

async function list(file: string, { json }: { json?: boolean }): Promise<void> {
  const { bytes, within } = await readVerifiedPart(readKernel(file));
  const signatures = listSignatures(bytes, nodeHashes);
  if (json === true) {
    const wrappings = within.length === 0 ? {} : { within };
    printReport('signature-list', { file, ...wrappings, signatures: buildSignaturesJson(signatures) });
    return;
  }
  const name = within.length === 0 ? file : `${file}: ${describeWithin(within)}`;
  if (signatures.length === 0) return printText(line`${name}: not signed`);
  const count = signatures.length === 1 ? '1 signature' : `${signatures.length} signatures`;
  printText(joinPrintable([line`${name}: ${count}`, formatSignatures(signatures, outputView())], '\n'));
}

interface ChangeOptions extends OutputCliOptions {
  readonly output: string;
  readonly json?: boolean;
}

function buildDetachCommand(): Command {
  return addOutputOption(new Command('detach'))
    .description('copy a signature of a PE file into a file of its own')
    .argument('<file>', 'a PE file')
    .addOption(buildIndexOption().default(0))
    .addHelpText(
      'after',
      explainUsage({ examples: 'kexec-file signature detach vmlinuz --output vmlinuz.pk7' }),
    )
    .action(async (file: string, { index, output, force, json }: ChangeOptions & { index: number }) => {
      const outputs = readOutputOptions({ force }, [splitMember(file).path]);
      checkOutputs({ '--output': output, ...listReport({ json }) }, outputs);
      const { bytes } = await readVerifiedPart(readKernel(file));
      const signature = extractSignature(bytes, index);
      await writeOutput(output, [signature], outputs, (size) => `${size}, signature ${index} of ${file}`);
      if (json === true) printReport('signature-detach', { file, output, index, size: signature.length });
    });
}

function buildAttachCommand(): Command {
  return addOutputOption(new Command('attach'))
    .description('add a signature that was made elsewhere to a PE file')
    .argument('<file>', 'a PE file')
    .argument('<signature>', 'a PKCS#7 message in DER')
    .option('--append', 'add it after the others, where the kernel ignores it')
    .addHelpText(
      'after',
      explainUsage({ examples: 'kexec-file signature attach vmlinuz.unsigned vmlinuz.pk7 --output vmlinuz' }),
    )
    .action(
      async (
        file: string,
        signature: string,
        { append = false, output, force, json }: ChangeOptions & { append?: boolean },
      ) => {
        const outputs = readOutputOptions({ force }, [file, signature]);
        checkOutputs({ '--output': output, ...listReport({ json }) }, outputs);
        const signed = attachSignature(readFile(file), readFile(signature), { append }, nodeHashes);
        await writeOutput(output, [signed], outputs, (size) => `${size}, ${describeSigner(signed, append)}`);
        notePlace(signed, append);
        if (json !== true) return;
        const count = listSignatures(signed, nodeHashes).length;
        const index = append ? count - 1 : 0;
        printReport('signature-attach', { file, signature, output, index, signatures: count });
      },
    );
}

function buildRemoveCommand(): Command {
  return addOutputOption(new Command('remove'))
    .description('write a PE file without a signature, as it was before it was signed')
    .argument('<file>', 'a PE file')
    .addOption(buildIndexOption().default(0))
    .addOption(new Option('--all', 'remove every signature').conflicts('index'))
    .addHelpText(
      'after',
      explainUsage({ examples: 'kexec-file signature remove vmlinuz --output vmlinuz.unsigned' }),
    )
    .action(
      async (
        file: string,
        { index, all, output, force, json }: ChangeOptions & { index: number; all?: boolean },
      ) => {
        const outputs = readOutputOptions({ force }, [file]);
        checkOutputs({ '--output': output, ...listReport({ json }) }, outputs);
        const bytes = readFile(file);
        const unsigned = removeSignatures(bytes, all === true ? 'all' : [index]);
        const removed = all === true ? 'without a signature' : `without signature ${index}`;
        await writeOutput(output, [unsigned], outputs, (size) => `${size}, ${removed}`);
        noteRemaining(unsigned);
        if (json !== true) return;
        const indexes = all === true ? listSignatures(bytes, nodeHashes).map(({ index }) => index) : [index];
        const signatures = listSignatures(unsigned, nodeHashes).length;
        printReport('signature-remove', { file, output, removed: indexes, signatures });
      },
    );
}

/** Names the signer of the signature that was added. */
function describeSigner(signed: Uint8Array, append: boolean): string {
  const added = listSignatures(signed, nodeHashes).at(append ? -1 : 0);
  const subject = added?.signers[0]?.certificate?.subject;
  return subject === undefined ? 'signed' : `signed by ${subject}`;
}

function addOutputOption(command: Command): Command {
  return addForceOption(command.requiredOption('-o, --output <file>', 'the file to write')).option(
    '--json',
    'print what was written as JSON',
  );
}

function buildIndexOption(): Option {
  return new Option('--index <number>', 'number of the signature').argParser(wholeNumber(0, 999));
}
