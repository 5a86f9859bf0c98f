/** Plans a load: node plan.ts vmlinuz [machine.json] */
import { findMachine, plan } from 'kexec-file/node';
import { formatPlan, formatTrail } from 'kexec-file/plan';

async function main([kernel = 'vmlinuz', machineName = 'qemu-virt']: string[]) {
  const machine = await findMachine(machineName);
  const result = await plan(kernel, { machine, commandLine: 'console=ttyAMA0' });
  if ('refusal' in result) {
    console.log(formatTrail(result.trail, { color: false }));
    process.exitCode = 1;
  } else {
    console.log(formatPlan(result, machine, { color: false }));
  }
}

main(process.argv.slice(2));
