import { hex } from '../../../base/u64.js';
import { withFileSource } from '../../../node/files/file-source.js';
import { withVmcore } from '../../../node/vmcore/vmcore-file.js';
import { line } from '../../../view/text/printable.js';
import { checkVmlinux } from '../../../vmcore/summary/check-vmlinux.js';
import { readVmcoreinfoOption } from '../../options/vmcoreinfo-option.js';
import type { LogRequest, SaveRequest } from './makedumpfile-request.js';
import type { Messages } from './messages.js';

/**
 * Does what precedes the work on a dump: checks the vmlinux, translates an address, and prints details.
 *
 * @throws KexecError, as the dump and the files; check `dump-symbols` for the vmlinux of another kernel.
 */
export function examineDump(request: SaveRequest | LogRequest, messages: Messages): void {
  const { vmcore: file, vmlinux } = request;
  const address = request.action === 'save' ? request.address : undefined;
  if (vmlinux === undefined && address === undefined && !messages.has('details')) return;
  withVmcore(
    file,
    (vmcore) => {
      const { vmcoreinfo, virtual, format, remarks, addressSpace } = vmcore;
      if (
        vmlinux !== undefined &&
        !withFileSource(vmlinux, (source) => checkVmlinux(source, vmlinux, vmcore))
      )
        messages.complain(
          `${vmlinux} or the dump has no build id: whether they belong together is not known`,
        );
      messages.print(
        'details',
        line`${file}: ${format}, Linux ${vmcoreinfo.lines.OSRELEASE ?? 'of an unknown release'}`,
      );
      messages.print('details', line`page size: ${addressSpace?.pageSize ?? 'unknown'}`);
      for (const remark of remarks) messages.print('details', line`${remark}`);
      if (address === undefined) return;
      messages.print('results', line`${'VIRTUAL'.padEnd(18)}  PHYSICAL`);
      messages.print('results', line`${hex(address).padEnd(18)}  ${hex(virtual.translate(address))}`);
    },
    readVmcoreinfoOption(request),
  );
}
