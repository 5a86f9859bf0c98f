import { systemRandom } from '../../src/base/random.js';
import { portableDecompress } from '../../src/formats/compression/decompress.js';
import { identifyKernel } from '../../src/kexec/identify-kernel.js';
import { loadKernelFile } from '../../src/kexec/load-kernel-file.js';
import type { LoadOptions } from '../../src/kexec/load-options.js';
import type { Policy } from '../../src/trust/policy.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';
import { buildPlanJson } from '../../src/view/json/plan-json.js';
import { buildMemoryRows, type MemoryRow } from '../../src/view/memory-map/map-rows.js';
import { drawMemoryMap } from '../../src/view/memory-map/map-svg.js';
import { listPlanFacts } from '../../src/view/plan-page/plan-facts.js';
import { formatPlanPage, formatPlanParts, type PlanParts } from '../../src/view/plan-page/plan-page.js';
import { formatOutcome } from '../../src/view/text/outcome-text.js';
import { type ChosenFile, readChosenFile } from './chosen-file.js';
import { type ChosenMachine, readMachine } from './chosen-machine.js';
import { readLoadTrust } from './trust-files.js';

/** What is planned. */
export interface PlanRequest extends Pick<LoadOptions, 'type' | 'commandLine' | 'call' | 'rules'> {
  readonly kernel: ChosenFile;
  readonly initrd: ChosenFile | undefined;
  readonly machine: ChosenMachine;
  /** Given with `--keyring`. Without any, and without a policy, no signature is verified. */
  readonly keyrings: readonly ChosenFile[];
  readonly policy: Policy | undefined;
}

/** A plan, or a refusal. */
export interface PlannedFile {
  readonly isRefused: boolean;
  /** The first line of what `plan` prints. */
  readonly outcome: string;
  /** The rest but the picture of memory, as markup in which all texts are escaped: see `PlanParts`. */
  readonly parts: Readonly<Record<keyof PlanParts, string>>;
  /** Physical memory: what the picture shows. */
  readonly rows: readonly MemoryRow[];
  /** The text above the picture. */
  readonly title: string;
  /** What `plan --json` prints. */
  readonly report: object;
  /** What `plan --html` writes. */
  readonly page: string;
  /** What `plan --svg` writes, if the kernel loads. */
  readonly picture: string | undefined;
}

/** Plans a load, as `kexec-file plan` does. */
export async function planChosen(request: PlanRequest): Promise<PlannedFile> {
  const { kernel, initrd, keyrings, policy, type, commandLine, call, rules } = request;
  const machine = await readMachine(request.machine);
  const file = readChosenFile(kernel);
  const result = await loadKernelFile(
    {
      kernel: file,
      initrd: initrd && readChosenFile(initrd),
      options: { type, commandLine, call, rules },
      trust: readLoadTrust(keyrings, policy, machine),
      hashes: portableHashes,
      random: systemRandom,
    },
    machine,
    { decompress: portableDecompress, hashes: portableHashes },
  );
  const identity = identifyKernel({
    file,
    image: result.image,
    trail: result.trail,
    hashes: portableHashes,
  });
  const named = { name: kernel.name, identity };
  const columns = Number.POSITIVE_INFINITY;
  const title = `${kernel.name} on ${machine.name}`;
  const { findings, memory, checks } = formatPlanParts(result, machine);
  const rows = buildMemoryRows(machine, 'refusal' in result ? undefined : result.kimage);
  const facts = listPlanFacts({ kernel: kernel.name, initrd: initrd?.name, commandLine, type });
  return {
    isRefused: 'refusal' in result,
    outcome: formatOutcome({ ...result, kernel: named, place: machine.name }, { columns }),
    parts: { findings: findings.markup, memory: memory.markup, checks: checks.markup },
    rows,
    title,
    report: buildPlanJson(result),
    page: formatPlanPage(result, machine, { kernel: named, facts }),
    picture: 'refusal' in result ? undefined : drawMemoryMap(rows, { title }),
  };
}
