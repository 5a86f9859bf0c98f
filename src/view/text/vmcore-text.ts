import { formatRange, size } from '../../base/range.js';
import { formatSize } from '../../base/sizes.js';
import { hex } from '../../base/u64.js';
import type { CpuState } from '../../vmcore/summary/cpu-states.js';
import type { VmcoreSummary } from '../../vmcore/summary/vmcore-summary.js';
import { formatTime } from '../time.js';
import { formatFacts } from './facts-text.js';
import type { ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** What `vmcore info` prints: everything but those lines of VMCOREINFO that do not concern addresses. */
export const formatVmcoreInfo: View<[info: VmcoreSummary, options?: ViewOptions]> = makeView(
  (info, options) => {
    const { format, isFlattened, release, buildId, uts, crashTime, uptime, panic, context } = info;
    const unknown = 'unknown';
    return formatFacts(
      {
        format: isFlattened ? `${format}, flattened` : format,
        release: release ?? unknown,
        version: uts?.version ?? unknown,
        host: uts?.nodename ?? unknown,
        buildId: buildId ?? unknown,
        crashTime: crashTime === undefined ? unknown : formatTime(crashTime),
        uptime: uptime === undefined ? unknown : `${uptime.toFixed(6)} s`,
        panic: panic ?? 'none in the log',
        context: context ?? unknown,
        cpus: info.cpus.map((cpu) => formatCpu(cpu) + (cpu.index === info.panicked ? ', panicked' : '')),
        memory: info.memory.map((range) => {
          const whole = size(range);
          const present = range.present === whole ? 'whole' : `${formatSize(range.present)} of it`;
          return `${formatRange(range)}  ${formatSize(whole)}, ${present}`;
        }),
        addresses: listAddressFacts(info.vmcoreinfo),
        problems: info.problems,
        ...(info.remarks.length === 0 ? {} : { remarks: info.remarks }),
      },
      options,
    );
  },
);

function formatCpu({ index, pid, shown }: CpuState): string {
  const texts = Object.entries(shown).map(([name, value]) => `${name} ${hex(value)}`);
  return `${index}: pid ${pid}, ${texts.join(', ')}`;
}

/** The lines of VMCOREINFO from which addresses are translated. */
const ADDRESS_LINES = [
  'PAGESIZE',
  'NUMBER(VA_BITS)',
  'NUMBER(TCR_EL1_T1SZ)',
  'NUMBER(PHYS_OFFSET)',
  'NUMBER(kimage_voffset)',
  'NUMBER(phys_base)',
  'NUMBER(pgtable_l5_enabled)',
  'NUMBER(sme_mask)',
  'KERNELOFFSET',
  'NUMBER(KERNELPACMASK)',
  'SYMBOL(swapper_pg_dir)',
  'SYMBOL(init_top_pgt)',
];

function listAddressFacts(lines: VmcoreSummary['vmcoreinfo']): Record<string, string> {
  return Object.fromEntries(
    ADDRESS_LINES.flatMap((name) => (lines[name] === undefined ? [] : [[name, lines[name]]])),
  );
}
