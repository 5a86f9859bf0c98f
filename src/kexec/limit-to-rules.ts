import type { MachineFacts } from '../machine/machine-facts.js';
import type { LoadOptions } from './load-options.js';

/**
 * The machine as the rules of a load see it: those of releases without crash CMA and dm-crypt keys for a crash kernel
 * place and describe as if there were none, whatever was recorded.
 */
export function limitToRules<M extends MachineFacts>(machine: M, { rules = 'mainline' }: LoadOptions): M {
  if (rules === 'mainline' || rules === '7.3') return machine;
  const { crashCma: _, dmCryptKeys: __, ...others } = machine;
  return others as M;
}
