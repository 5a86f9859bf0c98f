import { type FuzzTargets, runAsyncTarget, runTarget } from './fuzz-target.js';

/** Creates the function that Jazzer.js calls, for the target that the environment names. */
export function createFuzz(targets: FuzzTargets): (input: Buffer) => void | Promise<void> {
  const { KEXEC_FUZZ_TARGET: name = '' } = process.env;
  const target = targets[name];
  if (target === undefined) throw new Error(`there is no fuzz target ${name}`);
  return (input) => {
    // A copy: a Buffer's methods differ from those of a Uint8Array, such as slice().
    const bytes = new Uint8Array(input);
    return target.isAsync ? runAsyncTarget(target, bytes) : runTarget(target, bytes);
  };
}
