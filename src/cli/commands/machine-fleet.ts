/** The commands that pack machines into a fleet file, and unpack it. */
import { Command } from 'commander';
import { KexecError, refuse } from '../../base/error.js';
import { isPreset } from '../../machine/presets/presets.js';
import { checkOutputs } from '../../node/files/outputs.js';
import { isDash } from '../../node/files/standard-input.js';
import { formatMachineCount } from '../../preflight/wording.js';
import { line } from '../../view/text/printable.js';
import { explainUsage } from '../help/explain-usage.js';
import { addForceOption, type OutputCliOptions, readOutputOptions } from '../options/output-options.js';
import { printError } from '../terminal/output.js';
import { writeOutput } from '../terminal/write-output.js';

/** A fleet file of this name is not compressed. */
const PLAIN_NAME = /\.(ndjson|jsonl)$/;

export function buildMachinePackCommand(): Command {
  return addForceOption(new Command('pack'))
    .description('pack machines into a fleet file, which has what they have in common once')
    .argument('<path...>', 'what preflight takes: machine files, folders, tars, fleet files, presets')
    .requiredOption('-o, --output <file>', 'the fleet file to write; - is standard output')
    .addHelpText(
      'after',
      explainUsage({
        about: `
A fleet file is JSON Lines, compressed with zstd unless its name ends in .ndjson or .jsonl. Device trees, configurations
and other large facts are in it once, by their SHA-256, so that a machine is a line of one or two KiB. Fleet files that
are written one behind the other are a fleet file.

A machine that cannot be read is named on standard error, the others are packed, and the exit code is 1.`,
        documents: ['docs/fleet-file.md'],
        examples: `
kexec-file machine pack fleet/ -o fleet.ndjson.zst
kexec-file machine pack rack7/ -o - >> fleet.ndjson.zst
cat east.ndjson.zst west.ndjson.zst > all.ndjson.zst
kexec-file preflight vmlinuz fleet.ndjson.zst`,
      }),
    )
    .action(pack);
}

export function buildMachineUnpackCommand(): Command {
  return addForceOption(new Command('unpack'))
    .description('write the machine files of a fleet file')
    .argument('<file...>', 'fleet files; - is standard input')
    .requiredOption(
      '-o, --output <folder>',
      'the folder to write them in, by the paths that they were packed from',
    )
    .addHelpText(
      'after',
      explainUsage({
        about: `
The first machine that cannot be read or written ends the command. Machine files that were written before stay.`,
        documents: ['docs/fleet-file.md'],
        examples: `
kexec-file machine unpack fleet.ndjson.zst -o fleet/`,
      }),
    )
    .action(unpack);
}

async function pack(paths: string[], options: OutputCliOptions & { output: string }): Promise<void> {
  const { findStreams, listFleet } = await import('../../node/preflight/list-fleet.js');
  const { readMachines } = await import('../../node/fleet/read-machines.js');
  const { compressFrames, packFleet } = await import('../../node/fleet/pack-fleet.js');
  const files = listFleet(paths);
  const outputs = readOutputOptions(
    options,
    files.filter((file) => !isPreset(file) && !isDash(file)),
  );
  checkOutputs({ '--output': options.output }, outputs);
  const streams = await findStreams(paths, files);
  const result = { machines: 0, facts: 0 };
  let unreadable = 0;
  const machines = async function* () {
    for await (const { file, machine } of readMachines(files, streams)) {
      if (!(machine instanceof KexecError)) {
        yield { file, machine };
        continue;
      }
      unreadable += 1;
      printError(line`${file}: not packed: ${machine.message}`);
    }
  };
  const lines = packFleet(machines(), result);
  const chunks = PLAIN_NAME.test(options.output) ? lines : compressFrames(lines);
  const how = { ...outputs, isPrivate: true };
  await writeOutput(options.output, chunks, how, (size) => {
    const facts = result.facts === 1 ? '1 large fact' : `${result.facts} large facts`;
    return `${formatMachineCount(result.machines)}, ${facts}, ${size}`;
  });
  if (unreadable > 0) process.exitCode = 1;
}

async function unpack(files: string[], options: OutputCliOptions & { output: string }): Promise<void> {
  const { readMachines } = await import('../../node/fleet/read-machines.js');
  const { unpackMachine } = await import('../../node/fleet/unpack-fleet.js');
  const { overwrite = false } = readOutputOptions(options);
  let count = 0;
  for await (const { file, machine } of readMachines(files, new Set(files))) {
    if (machine instanceof KexecError) throw machine.with(`${file}: ${machine.seen}`);
    await unpackMachine(options.output, { file, machine }, overwrite);
    count += 1;
  }
  if (count === 0) refuse('fleet-file', 'ENODATA', `${files.join(', ')}: no machine is in it`);
  printError(line`${options.output}: ${formatMachineCount(count)}`);
}
