/** Prints the log of the kernel that crashed: node vmcore.ts vmcore */
import { openVmcore } from 'kexec-file/node';
import { formatDmesgLine } from 'kexec-file/vmcore';

function main([path = 'vmcore']: string[]) {
  const vmcore = openVmcore(path);
  for (const record of vmcore.log(console.error)) process.stdout.write(formatDmesgLine(record));
  vmcore.close();
}

main(process.argv.slice(2));
