import { size } from '../../base/range.js';
import { formatBytes } from '../../base/sizes.js';
import { hasDefaultCma, usesCmaForKexec } from '../../machine/default-cma.js';
import { findHandoverState, readSwitch } from '../../machine/handover-state.js';
import { isBuiltIn } from '../../machine/kernel-config.js';
import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';

const KHO = {
  topic: 'memory',
  about: 'kexec',
  source: '/sys/kernel/debug/kho/out, kho=; kho_locate_mem_hole()',
  evidence: { check: 'handover' },
} as const;

/** Finds where kexec_file_load places a kernel other than in free memory, and what it hands over to it. */
export function diagnoseHandover(machine: Machine): Finding[] {
  if (isBuiltIn(machine.kernel?.config, 'KEXEC_FILE') === false) return [];
  return [...diagnoseKho(machine), ...diagnoseLiveUpdate(machine), ...diagnoseCma(machine)];
}

function diagnoseKho(machine: Machine): Finding[] {
  const state = findHandoverState(machine);
  if (state === 'on') {
    const sizes = machine.handover?.scratch.map((area) => formatBytes(size(area))).join(', ');
    return [
      {
        ...KHO,
        severity: 'fine',
        fact: `Kexec Handover is on, with scratch areas of ${sizes}`,
        why: 'kexec_file_load places a kernel in these areas alone; kexec_load hands nothing over',
      },
    ];
  }
  if (state === 'asked') {
    return [
      {
        ...KHO,
        severity: 'unknown',
        fact: 'Kexec Handover was asked for, but its scratch areas are unknown',
        why: 'kexec_file_load places a kernel in these areas alone, or finds no place for it; a plan shows other places',
        cure: 'record the machine as root, with debugfs mounted; the kernel logs "KHO: Failed to reserve" if it is off after all',
      },
    ];
  }
  if (state === 'unknown' || isBuiltIn(machine.kernel?.config, 'KEXEC_HANDOVER') !== true) return [];
  const why = 'kexec_file_load places a kernel in free memory, and hands nothing over to it';
  return [{ ...KHO, severity: 'fine', fact: 'Kexec Handover is off', why }];
}

/** The live update orchestrator (LUO), which needs Kexec Handover: kernel function `liveupdate_reboot()`. */
function diagnoseLiveUpdate(machine: Machine): Finding[] {
  const { kernel, commandLine = '' } = machine;
  if (isBuiltIn(kernel?.config, 'LIVEUPDATE') !== true || findHandoverState(machine) === 'off') return [];
  if (readSwitch(commandLine, 'liveupdate') !== true) return [];
  return [
    {
      topic: 'memory',
      about: 'kexec',
      severity: 'fine',
      fact: 'the live update orchestrator was switched on',
      why: 'exec first serialises what is preserved in its sessions; if that fails, exec fails with the same errno, and nothing starts',
      source: 'liveupdate=; liveupdate_reboot()',
    },
  ];
}

function diagnoseCma(machine: Machine): Finding[] {
  if (machine.handover !== undefined || !usesCmaForKexec(machine) || !hasDefaultCma(machine)) return [];
  return [
    {
      topic: 'memory',
      about: 'kexec',
      severity: 'fine',
      fact: `kexec_file_load takes pages of the CMA area for segments (CMA: ${formatBytes(machine.cma?.total ?? 0n)})`,
      why: 'their alignment breaks booting.rst; kexec-file load prevents it (KEXEC_FILE_NO_CMA), kexec of kexec-tools only with --no-cma',
      source: 'CmaTotal of /proc/meminfo; kexec_alloc_contig()',
      evidence: { check: 'segment-cma' },
    },
  ];
}
