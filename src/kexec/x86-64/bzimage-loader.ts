import type { X86Machine } from '../../machine/x86-64/x86-machine.js';
import { checkSignature } from '../../trust/check-signature.js';
import type { KernelLoader } from '../architecture.js';
import { checkPe } from '../check-pe.js';
import { checkBzimage } from './check-bzimage.js';
import { placeBzimage } from './place-bzimage.js';
import { probeBzimage } from './probe-bzimage.js';

/** Loads bzImages: the kernel's `kexec_bzImage64_ops`. */
export const BZIMAGE_LOADER: KernelLoader<X86Machine> = {
  name: 'bzImage',
  probe: probeBzimage,

  verify({ request, machine, trail }): void {
    const { commandLine } = request.options;
    checkSignature({ ...request, commandLine }, request.trust, machine, trail);
    checkPe(request.kernel, request.trust?.policy, trail);
  },

  check: checkBzimage,
  load: placeBzimage,
};
