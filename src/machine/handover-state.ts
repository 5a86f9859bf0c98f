import { findParameterValues } from './command-line.js';
import { isBuiltIn } from './kernel-config.js';
import type { MachineFacts } from './machine-facts.js';

/** The states of {@link HandoverState}. */
export const HANDOVER_STATES = ['on', 'asked', 'off', 'unknown'] as const;

/**
 * Whether KHO is on, as far as the facts say: `on` with known scratch areas; `asked` if command line or configuration
 * switch it on, but whether the kernel could reserve the areas is unknown; `off`; `unknown`.
 */
export type HandoverState = (typeof HANDOVER_STATES)[number];

/** Finds the state of KHO from the facts that decide it. */
export function findHandoverState({
  handover,
  kernel,
  commandLine,
}: Pick<MachineFacts, 'handover' | 'kernel' | 'commandLine'>): HandoverState {
  if (handover !== undefined) return 'on';
  const config = kernel?.config;
  if (isBuiltIn(config, 'KEXEC_HANDOVER') === false) return 'off';
  const asked = commandLine === undefined ? undefined : readSwitch(commandLine, 'kho');
  const isAsked = asked ?? isBuiltIn(config, 'KEXEC_HANDOVER_ENABLE_DEFAULT');
  if (isAsked === undefined || config === undefined) return 'unknown';
  return isAsked ? 'asked' : 'off';
}

/** A parameter of the command line that is on or off: the last of its values that `kstrtobool()` takes. */
export function readSwitch(commandLine: string, name: string): boolean | undefined {
  return findParameterValues(commandLine, name)
    .map(parseBoolean)
    .findLast((value) => value !== undefined);
}

/** Kernel function `kstrtobool()`: the first letter decides, after an `o` the second. */
function parseBoolean(text: string): boolean | undefined {
  if (/^([yt1]|on)/i.test(text)) return true;
  return /^([nf0]|of)/i.test(text) ? false : undefined;
}
