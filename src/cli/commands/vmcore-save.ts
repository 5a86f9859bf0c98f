import { basename } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { formatSize } from '../../base/sizes.js';
import { findIncomplete } from '../../node/files/incomplete-file.js';
import { ProgressLines } from '../../node/vmcore/progress-lines.js';
import { saveVmcoreFile } from '../../node/vmcore/save-vmcore-file.js';
import { buildSavedDumpJson } from '../../view/json/vmcore-json.js';
import { line } from '../../view/text/printable.js';
import { formatSavedDump } from '../../view/text/saved-dump-text.js';
import type { SaveProgress } from '../../vmcore/save/dump-target.js';
import { FILTER_LEVELS, parseFilter } from '../../vmcore/save/filter.js';
import type { SaveOptions } from '../../vmcore/save/save-dump.js';
import { explainUsage } from '../help/explain-usage.js';
import { addForceOption, type OutputCliOptions } from '../options/output-options.js';
import {
  buildVmcoreinfoOption,
  readVmcoreinfoOption,
  type VmcoreinfoOptions,
} from '../options/vmcoreinfo-option.js';
import { printError, printText } from '../terminal/output.js';
import { PhaseBar } from '../terminal/phase-bar.js';
import { SILENT_MS } from '../terminal/progress.js';
import { printReport } from '../terminal/reports.js';
import { outputView } from '../terminal/screen.js';
import { sayWhatIsLeft } from '../terminal/what-is-left.js';
import { nameOutput } from '../terminal/write-output.js';

interface Options
  extends Omit<SaveOptions, 'compression' | 'pack' | 'codecs'>,
    VmcoreinfoOptions,
    OutputCliOptions {
  readonly output: string;
  readonly compress: SaveOptions['compression'];
  readonly json?: boolean;
}

export function buildVmcoreSaveCommand(): Command {
  const levels = Object.entries(FILTER_LEVELS).map(([name, number]) => `${number} ${name}`);
  return addForceOption(new Command('save'))
    .description('copy a vmcore without unneeded pages; resume an incomplete copy')
    .argument(
      '<vmcore>',
      '/proc/vmcore, another ELF vmcore, or a compressed dump, which is filtered once more',
    )
    .requiredOption('-o, --output <file>', 'the copy; FILE.sha256 is written with it')
    .addOption(
      new Option('--filter <levels>', `pages to leave out: ${levels.join(', ')}; a sum, or names with commas`)
        .argParser(parseFilterOption)
        .default(FILTER_LEVELS.zero | FILTER_LEVELS.free, 'zero,free'),
    )
    .addOption(
      new Option(
        '--format <format>',
        "format of the copy: kdump, makedumpfile's compressed format, or elf, which gdb reads",
      )
        .choices(['kdump', 'elf'])
        .default('kdump'),
    )
    .addOption(
      new Option('--compress <how>', 'compression of pages in the format kdump')
        .choices(['zlib', 'lzo', 'snappy', 'zstd', 'none'])
        .default('zlib'),
    )
    .addOption(buildVmcoreinfoOption())
    .option('--json', 'print what was saved as JSON')
    .addHelpText(
      'after',
      explainUsage({
        about: `
Levels of --filter have the names and numbers of makedumpfile's -d, and leave out the same pages: 1 zero, 2 cache, 4
cache-private (the whole cache), 8 user, 16 free; also "all" and "none". Numbers add up; names are separated by commas.
From level 2 on, memory that the hardware reported as broken is not read. In ELF, only runs of 256 pages and more are
left out.

The copy is called FILE.incomplete until it is complete. It is then read again, and FILE.sha256 gets its checksum. If
the disk is full, the message says how much is missing; repeat the same command to resume the copy, which compares what
is there with the dump. It needs less than 100 MiB of memory, whatever the size of the dump;
more only for further threads, on a machine with several CPUs and more than 320 MiB available for each.`,
        examples: `
kexec-file vmcore save /proc/vmcore -o /var/crash/vmcore
kexec-file vmcore save /proc/vmcore -o vmcore --filter all --compress zstd
kexec-file vmcore save vmcore -o small.elf --format elf --filter all`,
      }),
    )
    .action(save);
}

function parseFilterOption(text: string): number {
  const filter = parseFilter(text);
  if (filter !== undefined) return filter;
  const names = Object.keys(FILTER_LEVELS).join(', ');
  throw new InvalidArgumentError(
    `a number from 0 to 31, none, all, or names (${names}) with commas are needed`,
  );
}

async function save(input: string, options: Options): Promise<void> {
  const { output, filter, format, compress, json, force } = options;
  const bar = showSave();
  const compression = format === 'elf' ? 'none' : compress;
  const vmcoreinfo = readVmcoreinfoOption(options);
  try {
    const saveOptions = { filter, format, compression, vmcoreinfo, overwrite: force };
    const saved = await sayWhatIsLeft(
      () => describeIncomplete(output),
      () => saveVmcoreFile(input, output, saveOptions, (progress) => bar.show(progress)),
    );
    bar.stop();
    nameOutput(
      saved.path,
      saved.size,
      (size) => `${size}, ${saved.pages} pages; its SHA-256 is in ${basename(saved.path)}.sha256`,
    );
    if (saved.problems.length > 0) process.exitCode = 1;
    if (json === true) printReport('vmcore-save', buildSavedDumpJson(saved));
    else printText(formatSavedDump(saved, outputView()));
  } finally {
    bar.stop();
  }
}

/** Shows the progress of a save: a bar on a terminal, and lines elsewhere, if it takes longer than a second. */
function showSave(): { show(progress: SaveProgress): void; stop(): void } {
  if (process.stderr.isTTY) return new PhaseBar();
  const start = performance.now();
  return new ProgressLines((sentence) => {
    if (performance.now() - start > SILENT_MS) printError(line`${sentence}`);
  });
}

/** Describes what a save leaves that was stopped; undefined if it had not begun. */
function describeIncomplete(output: string): string | undefined {
  const file = findIncomplete(output);
  if (file === undefined) return undefined;
  const size = formatSize(file.size);
  return `${file.path} has ${size} of the copy; run the same command again to resume it`;
}
