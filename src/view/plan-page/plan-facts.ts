import type { LoadOptions } from '../../kexec/load-options.js';

/** What was asked for, as far as a page says it. */
export interface AskedLoad extends Pick<LoadOptions, 'commandLine' | 'type'> {
  /** The names of files. */
  readonly kernel: string;
  readonly initrd: string | undefined;
}

/** The facts about a load that a plan's page lists above the plan: name and text. */
export function listPlanFacts({ kernel, initrd, commandLine, type }: AskedLoad): [string, string][] {
  const facts = {
    Kernel: kernel,
    Initrd: initrd,
    'Command line': commandLine,
    Type: type === 'crash' ? 'crash kernel, into the crash region' : undefined,
  };
  return Object.entries(facts).filter((fact): fact is [string, string] => fact[1] !== undefined);
}
