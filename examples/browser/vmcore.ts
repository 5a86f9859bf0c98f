/** Prints the log of the kernel that crashed, out of the chosen dump. */
import { formatDmesgLine, openVmcore } from 'kexec-file/vmcore';
import { showPage } from './page.ts';

showPage((files) => {
  const [dump] = files.values();
  if (dump === undefined) return 'Choose a vmcore.';
  const decoder = new TextDecoder();
  return [...openVmcore(dump).log()].map((record) => decoder.decode(formatDmesgLine(record))).join('');
});
