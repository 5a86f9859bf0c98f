import { closeSync, openSync } from 'node:fs';
import { KexecError } from '../../../base/error.js';
import { refuseBinaryOnTerminal } from '../../../node/files/binary-output.js';
import { STDOUT } from '../../../node/files/standard-descriptors.js';
import { saveVmcoreFile } from '../../../node/vmcore/save-vmcore-file.js';
import { splitVmcoreFile } from '../../../node/vmcore/split-vmcore.js';
import { type StreamedDump, streamVmcore } from '../../../node/vmcore/stream-vmcore.js';
import { line, type Printable } from '../../../view/text/printable.js';
import { isDiskFull } from '../../../vmcore/save/disk-full.js';
import type { SaveProgress } from '../../../vmcore/save/dump-target.js';
import { readVmcoreinfoOption } from '../../options/vmcoreinfo-option.js';
import { DASH, type SaveRequest } from './makedumpfile-request.js';
import type { Messages } from './messages.js';
import { nameOutput } from './name-output.js';
import { createProgressView } from './progress-view.js';
import { printReport } from './report.js';
import { sayWhatIsIncomplete } from './say-what-is-incomplete.js';

type OnProgress = (progress: SaveProgress) => void;

/**
 * Saves a dump into a file or several, each called DUMPFILE.incomplete until it is complete, or into a pipe.
 *
 * @returns whether nothing was missing or damaged in the dump; what was is printed
 * @throws KexecError, as {@link saveVmcoreFile} and {@link streamVmcore}.
 */
export async function save(request: SaveRequest, messages: Messages): Promise<boolean> {
  const progress = messages.has('progress') ? createProgressView() : undefined;
  try {
    const saved = await write(request, messages, (step) => progress?.show(step));
    progress?.complete();
    printReport(saved, request, messages);
    for (const problem of saved.problems) messages.complain(problem);
    messages.print('results', line``);
    messages.print(
      'results',
      request.isDryRun
        ? line`The dumpfile would have ${saved.size} bytes: this was a dry run.`
        : describeSaved(request),
    );
    return saved.problems.length === 0;
  } finally {
    progress?.stop();
  }
}

function describeSaved({ output, parts }: SaveRequest): Printable {
  const last = parts.at(-1);
  return last === undefined
    ? line`The dumpfile is saved to ${nameOutput(output)}.`
    : line`The dumpfiles are saved to ${parts.slice(0, -1).join(', ')}, and ${last}.`;
}

function write(request: SaveRequest, messages: Messages, onProgress: OnProgress): Promise<StreamedDump> {
  if (request.isDryRun) return dryRun(request, onProgress);
  if (request.parts.length > 0) return saveParts(request, messages, onProgress);
  if (request.output !== DASH)
    return sayWhatIsIncomplete([request.output], messages, () => saveFile(request, messages, onProgress));
  refuseBinaryOnTerminal(Uint8Array.of(0), process.stdout);
  return streamVmcore(request.vmcore, STDOUT, buildOptions(request), onProgress);
}

async function dryRun(request: SaveRequest, onProgress: OnProgress): Promise<StreamedDump> {
  const nowhere = openSync('/dev/null', 'w');
  try {
    return await streamVmcore(request.vmcore, nowhere, buildOptions(request), onProgress);
  } finally {
    closeSync(nowhere);
  }
}

/** Saves a file. If there is no room for it, it is saved again by the next filter. */
async function saveFile(
  request: SaveRequest,
  messages: Messages,
  onProgress: OnProgress,
  isNew = request.force,
): Promise<StreamedDump> {
  const { vmcore, output, force, levels } = request;
  const [level, ...others] = levels;
  const options = { ...buildOptions(request), overwrite: force, isNew, hasChecksum: false };
  try {
    return await saveVmcoreFile(vmcore, output, options, onProgress);
  } catch (error) {
    const [next, ...later] = others;
    if (!(error instanceof KexecError) || !isDiskFull(error) || next === undefined) throw error;
    messages.complain(
      `there is no room for the dump of -d ${level} (${error.errno}): it is saved once more, with -d ${next}`,
    );
    return saveFile({ ...request, levels: [next, ...later] }, messages, onProgress, true);
  }
}

async function saveParts(
  request: SaveRequest,
  messages: Messages,
  onProgress: OnProgress,
): Promise<StreamedDump> {
  const { vmcore, parts, force } = request;
  const options = { ...buildOptions(request), overwrite: force };
  const { sizes, ...saved } = await sayWhatIsIncomplete(parts, messages, () =>
    splitVmcoreFile(vmcore, parts, options, onProgress),
  );
  return { ...saved, size: sizes.reduce((sum, size) => sum + size, 0n) };
}

function buildOptions(request: SaveRequest) {
  const { format, compression, levels, sizeLimit, threads } = request;
  return {
    filter: levels[0],
    format,
    compression,
    sizeLimit,
    threads,
    vmcoreinfo: readVmcoreinfoOption(request),
  };
}
