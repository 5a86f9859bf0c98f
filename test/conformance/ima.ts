import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRNO, type KexecError } from '../../src/base/error.js';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import { parseKernelConfig } from '../../src/machine/kernel-config.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import type { TrustStore } from '../../src/trust/keyrings/keyring.js';
import { findSegmentsRefusal } from '../../src/trust/segments-gate.js';
import { buildMachine } from '../support/machine.js';
import { type OracleRequest, runOracle } from '../support/oracle/ask.js';
import type { Oracle } from '../support/oracle/oracle.js';
import { errnoName } from './answers.js';
import { signer } from './identities.js';
import { sign } from './lockdown.js';
import { trustStore } from './verdict.js';

/** What is asked in one boot, in this order. */
type Step = 'unsigned' | 'signed' | 'segments' | 'lock' | { readonly rule: string };

interface Scenario {
  readonly parameters: string;
  readonly steps: readonly Step[];
}

const FOR_KERNELS = 'func=KEXEC_KERNEL_CHECK';
const SIGNED = `appraise ${FOR_KERNELS} appraise_type=imasig`;
const CALLS = ['unsigned', 'signed', 'segments'] as const;

/** The kernels have no security.ima: an appraisal that demands a signature refuses them. */
const SCENARIOS: readonly Scenario[] = [
  { parameters: '', steps: [...CALLS, { rule: SIGNED }, ...CALLS, 'lock', ...CALLS] },
  { parameters: 'ima_policy=secure_boot', steps: [...CALLS, 'lock', ...CALLS] },
  { parameters: 'ima_policy=tcb|secure_boot ima_appraise=log', steps: [...CALLS, 'lock', ...CALLS] },
  { parameters: 'ima_policy=secure_boot ima_appraise=log ima_appraise=maybe', steps: CALLS },
  // The first rule decides about files, any rule about kexec_load, and lockdown counts on IMA.
  {
    parameters: '',
    steps: [{ rule: `dont_appraise ${FOR_KERNELS}` }, { rule: SIGNED }, ...CALLS, 'lock', ...CALLS],
  },
  // The rule does not apply to files of root; lockdown counts on IMA all the same.
  { parameters: '', steps: [{ rule: `${SIGNED} fowner=1` }, ...CALLS, 'lock', ...CALLS] },
];

/**
 * Asks the oracle what IMA's policies, its parameters and lockdown make of both system calls.
 *
 * @returns the number of calls, and where the code under test decides otherwise, in words
 */
export async function askAboutIma(oracle: Oracle): Promise<{ count: number; problems: string[] }> {
  const unsigned = new Uint8Array(readFileSync(oracle.image));
  const kernels = { unsigned, signed: sign(unsigned, signer(), 'sha256') };
  const store = trustStore('builtin', oracle.release);
  const problems: string[] = [];
  let count = 0;
  for (const { parameters, steps } of SCENARIOS) {
    const requests = steps.map((step) => buildRequest(step, kernels));
    const { answers, console } = await runOracle(oracle, requests, undefined, parameters);
    let machine = buildOracleMachine(oracle, parameters);
    for (const [index, step] of steps.entries()) {
      const answer = answers[index];
      if (answer === undefined) throw new Error(`the oracle crashed with ${parameters}:\n${console}`);
      machine = change(machine, step);
      const ours = errnoName(decide(machine, step, kernels, store));
      const theirs = errnoName(answer.result);
      if (isCall(step)) count += 1;
      const asked = `${parameters} ${JSON.stringify(steps.slice(0, index + 1))}`;
      if (ours !== theirs) problems.push(`${asked}: oracle ${theirs}, we ${ours}`);
    }
  }
  return { count, problems };
}

function isCall(step: Step): step is (typeof CALLS)[number] {
  return (CALLS as readonly Step[]).includes(step);
}

type Kernels = Readonly<Record<'unsigned' | 'signed', Uint8Array>>;

function buildRequest(step: Step, kernels: Kernels): OracleRequest {
  if (typeof step === 'object') return step;
  if (step === 'lock') return { lockdown: 'integrity' };
  return step === 'segments' ? { segments: '' } : { kernel: kernels[step] };
}

function buildOracleMachine({ folder, release }: Oracle, commandLine: string): Machine {
  const config = parseKernelConfig(readFileSync(join(folder, 'config'), 'utf8'));
  return buildMachine({ commandLine, kexecSignature: 'checked', kernel: { release, config } });
}

/** The machine after a step. */
function change(machine: Machine, step: Step): Machine {
  if (step === 'lock') return { ...machine, lockdown: 'integrity' };
  if (typeof step !== 'object') return machine;
  const rules = [machine.kernel?.imaPolicy, step.rule].filter((rule) => rule !== undefined);
  return { ...machine, kernel: { ...machine.kernel, imaPolicy: rules.join('\n') } };
}

/** The errno by the code under test: its number, or 0. */
function decide(machine: Machine, step: Step, kernels: Kernels, store: TrustStore): number {
  if (step === 'segments') return numberOf(findSegmentsRefusal(machine));
  if (!isCall(step)) return 0;
  const trust = { store, policy: 'as-kernel' as const, hashes: nodeHashes };
  const result = kexecFileLoad({ kernel: kernels[step], trust }, machine);
  return numberOf('refusal' in result ? result.refusal : undefined);
}

function numberOf(refusal: KexecError | undefined): number {
  return refusal === undefined ? 0 : ERRNO[refusal.errno];
}
