import { writeFile } from '../../../node/files/write-file.js';
import { openVmcore } from '../../../node/vmcore/vmcore-file.js';
import { line } from '../../../view/text/printable.js';
import { readClearedSequence } from '../../../vmcore/log/cleared-sequence.js';
import { formatDmesgLine } from '../../../vmcore/log/dmesg.js';
import type { LogRecord } from '../../../vmcore/log/log-record.js';
import { readVmcoreinfoOption } from '../../options/vmcoreinfo-option.js';
import type { LogRequest } from './makedumpfile-request.js';
import type { Messages } from './messages.js';
import { nameOutput } from './name-output.js';

/**
 * Saves the kernel's log into a file.
 *
 * @returns whether all of the log could be read; what is missing, in it and in the file, is printed
 * @throws KexecError, as the dump and the file.
 */
export async function saveLog(request: LogRequest, messages: Messages): Promise<boolean> {
  const { vmcore: input, output, force, isPartial } = request;
  const vmcore = openVmcore(input, readVmcoreinfoOption(request));
  try {
    for (const problem of vmcore.problems) messages.complain(problem);
    let isWhole = true;
    const onProblem = (problem: string): void => {
      isWhole = false;
      messages.complain(problem);
    };
    const first = isPartial ? readClearedSequence(vmcore) : 0n;
    await writeFile(output, formatRecords(vmcore.log(onProblem), first), {
      inputs: [input],
      overwrite: force,
      isPrivate: true,
    });
    messages.print('results', line``);
    messages.print('results', line`The dmesg log is saved to ${nameOutput(output)}.`);
    return isWhole;
  } finally {
    vmcore.close();
  }
}

function* formatRecords(records: Iterable<LogRecord>, first: bigint): Generator<Uint8Array> {
  for (const record of records) if ((record.sequence ?? 0n) >= first) yield formatDmesgLine(record);
}
