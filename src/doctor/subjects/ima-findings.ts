import { attempt, KexecError } from '../../base/error.js';
import { Trail } from '../../base/trail.js';
import type { Machine } from '../../machine/machine-value.js';
import {
  type Appraisal,
  findAppraisal,
  findArchPolicy,
  findSegmentsGate,
} from '../../trust/ima/appraisal.js';
import { adviseSigning, checkAppraisal, describeAppraisal } from '../../trust/ima/check-appraisal.js';
import { adviseOpeningIma, adviseOtherCall } from '../../trust/segments-gate.js';
import type { Finding, FindingFrame } from '../finding.js';
import { hasKexecFileLoad, type IntendedLoad } from '../intended-load.js';
import type { NextKernel } from '../next-kernel.js';

const SOURCE = "IMA's policy or the configuration, the command line, Secure Boot";

/** Finds what the running kernel's IMA demands of kernels, and whether it leaves a system call to load one. */
export function diagnoseIma(machine: Machine, intended: IntendedLoad, { about }: NextKernel): Finding[] {
  const segments = diagnoseSegments(machine, intended);
  // Without kexec_file_load, no file is read that IMA could appraise.
  if (hasKexecFileLoad(machine, intended) === false) return segments;
  const findings = [
    ...segments,
    ...diagnoseAppraisal(machine, intended, about),
    ...diagnoseArchPolicy(machine),
  ];
  return findings.length > 0 ? findings : nameIdleIma(machine);
}

/** IMA that is there, and in the way of nothing. */
function nameIdleIma({ kernel: { config, imaPolicy } = {} }: Machine): Finding[] {
  if (config?.IMA !== 'y' && imaPolicy === undefined) return [];
  const fact =
    imaPolicy === undefined
      ? 'IMA demands nothing of kernels, by configuration and command line; a policy that was loaded later is unknown'
      : 'IMA demands nothing of kernels, by its policy';
  const why = 'both system calls load kernels as if there were no IMA';
  return [{ topic: 'ima', severity: 'fine', about: 'both', fact, why, source: SOURCE }];
}

/** With IMA in the way, kexec_load has no file to show. */
function diagnoseSegments(machine: Machine, intended: IntendedLoad): Finding[] {
  const gate = findSegmentsGate(machine);
  if (gate === undefined) return [];
  const hasFile = hasKexecFileLoad(machine, intended);
  return [
    {
      topic: 'ima',
      severity: hasFile === false ? 'stops' : 'warns',
      about: 'both',
      fact: `IMA refuses every kexec_load with EACCES: ${gate.because}`,
      why:
        'segments come without a file that IMA could appraise' +
        (hasFile === false ? ', and the running kernel has no other call' : ''),
      cure: adviseOtherCall(hasFile, adviseOpeningIma(machine, gate)),
      evidence: { check: 'ima-appraisal' },
      source: `${SOURCE}; ima_load_data()`,
    },
  ];
}

function diagnoseAppraisal(machine: Machine, intended: IntendedLoad, about: 'kexec' | 'kdump'): Finding[] {
  const appraisal = findAppraisal(machine);
  if (appraisal === undefined) return [];
  const isKernelGiven = intended.kernel !== undefined && intended.unopened === undefined;
  const frame: FindingFrame = {
    topic: 'ima',
    about: isKernelGiven ? about : 'both',
    source: `${SOURCE}; ima_post_read_file()`,
  };
  if (!appraisal.isEnforced) {
    const fact = `${describeAppraisal(appraisal, 'kernel')}, but does not enforce it (ima_appraise=)`;
    return [{ ...frame, severity: 'fine', fact, why: 'IMA only logs what it would refuse' }];
  }
  if (isKernelGiven && hasSignature(machine, intended)) {
    const fact = `the kernel has a signature for IMA: ${appraisal.because}`;
    return [{ ...frame, severity: 'fine', fact, why: 'IMA lets kexec_file_load read it' }];
  }
  return [describeDemand(appraisal, isKernelGiven, frame)];
}

function hasSignature(machine: Machine, { kernel, trust }: IntendedLoad): boolean {
  if (kernel === undefined || trust === undefined) return false;
  const trail = new Trail();
  const checked = attempt(() => {
    const request = { store: trust.storeFor('as-kernel'), hashes: trust.hashes, imaXattr: trust.imaXattr };
    checkAppraisal({ kernel }, { ...request, policy: 'as-kernel' }, machine, trail);
  });
  return (
    !(checked instanceof KexecError) &&
    trail.entries.some(({ verdict, check }) => verdict === 'ok' && check === 'ima-appraisal')
  );
}

function describeDemand(appraisal: Appraisal, isKernelGiven: boolean, frame: FindingFrame): Finding {
  const { demand, isCertain } = appraisal;
  const isStopped = isKernelGiven && isCertain && demand !== 'digest';
  const evidence = { check: 'ima-appraisal', ...(isStopped ? { holds: false } : {}) } as const;
  const fact = describeAppraisal(appraisal, 'kernel');
  const missing = isStopped ? '; none is known of this kernel' : '';
  return {
    ...frame,
    severity: isStopped ? 'stops' : 'warns',
    fact: `${fact}${missing}`,
    why: 'kexec_file_load fails with EACCES for a file that IMA does not accept',
    cure:
      demand === 'digest'
        ? 'label kernel and initrd: as root, copy them while IMA is active, or boot once with ima_appraise=fix and read them'
        : adviseSigning(appraisal),
    evidence,
  };
}

/** Without CONFIG_KEXEC_SIG, the arch policy is a rule that appraises kernels. */
function diagnoseArchPolicy(machine: Machine): Finding[] {
  const state = findArchPolicy(machine);
  const finding = { topic: 'ima', about: 'both', source: `${SOURCE}; arch_get_ima_policy()` } as const;
  const why =
    "under Secure Boot, IMA's arch policy makes signatures of kernels binding, without CONFIG_KEXEC_SIG_FORCE and lockdown";
  if (state === 'unknown') {
    return [
      {
        ...finding,
        severity: 'unknown',
        fact: 'the running kernel has CONFIG_IMA_ARCH_POLICY; whether Secure Boot is on is not known',
        why,
        cure: 'record the machine again, with efivarfs mounted (efivar-SecureBoot, efivar-SetupMode); mokutil --sb-state prints it',
      },
    ];
  }
  if (state !== 'on' || machine.kernel?.config?.KEXEC_SIG !== 'y') return [];
  const fact = 'Secure Boot is on, and the running kernel has CONFIG_IMA_ARCH_POLICY';
  return [
    {
      ...finding,
      severity: 'warns',
      fact,
      why,
      cure: "load a kernel that is signed by a key of the kernel's keyrings (kexec-file verify prints the signer)",
    },
  ];
}
