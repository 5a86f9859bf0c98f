/** Plans a load of the chosen kernel on QEMU's virt board. The file does not leave the browser. */
import { PRESETS } from 'kexec-file/machine';
import { formatPlan, formatTrail, plan } from 'kexec-file/plan';
import { showPage } from './page.ts';

const machine = PRESETS['qemu-virt']();

showPage(async (files) => {
  const [kernel] = files.values();
  if (kernel === undefined) return 'Choose a kernel.';
  const result = await plan(kernel, { machine, commandLine: 'console=ttyAMA0' });
  return 'refusal' in result
    ? formatTrail(result.trail, { color: false })
    : formatPlan(result, machine, { color: false });
});
