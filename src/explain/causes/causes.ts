/** Every cause that a line of a log can name, by name. */
import type { Cause } from './cause.js';
import { CRASHKERNEL_CAUSES } from './crashkernel-causes.js';
import { HARDWARE_CAUSES } from './hardware-causes.js';
import { INITRD_CAUSES } from './initrd-causes.js';
import { LOAD_CAUSES, SIGNATURE_CAUSES } from './load-causes.js';
import { NEXT_KERNEL_CAUSES } from './next-kernel-causes.js';
import { POLICY_CAUSES } from './policy-causes.js';
import { KDUMP_CAUSES, KEXEC_TOOLS_CAUSES } from './tool-causes.js';

/** Causes whose lines the kernel logs. */
export const KERNEL_CAUSES: Readonly<Record<string, Cause>> = {
  ...SIGNATURE_CAUSES,
  ...POLICY_CAUSES,
  ...LOAD_CAUSES,
  ...CRASHKERNEL_CAUSES,
  ...INITRD_CAUSES,
  ...NEXT_KERNEL_CAUSES,
  ...HARDWARE_CAUSES,
};

/** Causes whose lines programs log. */
export const TOOL_CAUSES: Readonly<Record<string, Cause>> = { ...KEXEC_TOOLS_CAUSES, ...KDUMP_CAUSES };
