import { attempt, KexecError } from '../../src/base/error.js';
import { buildVmcoreInfoJson } from '../../src/view/json/vmcore-json.js';
import { formatDmesgLine } from '../../src/vmcore/log/dmesg.js';
import { openVmcore } from '../../src/vmcore/open/open-vmcore.js';
import { summarizeVmcore } from '../../src/vmcore/summary/vmcore-summary.js';
import { type ChosenFile, openChosenFile } from './chosen-file.js';

/** A dump at a glance, and its log. */
export interface OpenedDump {
  /** What `vmcore info --json` prints. */
  readonly info: ReturnType<typeof buildVmcoreInfoJson>;
  /** What `vmcore dmesg` prints, line by line. */
  readonly log: readonly string[];
  /** Why there is no log, or only a part of it. */
  readonly logProblems: readonly string[];
}

/** Opens a dump of any size, as `kexec-file vmcore info` and `dmesg` do: it is read in pieces. */
export async function openChosenDump(file: ChosenFile): Promise<OpenedDump> {
  const vmcore = openVmcore(openChosenFile(file));
  const info = buildVmcoreInfoJson(summarizeVmcore(vmcore));
  const decoder = new TextDecoder();
  const logProblems: string[] = [];
  const log: string[] = [];
  const refusal = attempt(() => {
    for (const record of vmcore.log((problem) => logProblems.push(problem)))
      log.push(...decoder.decode(formatDmesgLine(record)).slice(0, -1).split('\n'));
  });
  if (refusal instanceof KexecError) logProblems.push(refusal.seen);
  return { info, log, logProblems };
}
