import { describe, expect, it } from 'vitest';
import { listOtherUnits } from '../../../src/node/kdump/kdump-status.js';
import { makeTemporaryFolder } from '../../support/cli.js';
import { writeRoot } from '../../support/machine-root.js';

describe('units of other programs', () => {
  it('are enabled where their packages enable them', () => {
    const root = makeTemporaryFolder();
    writeRoot(root, {
      // kdump-tools 1.8.1 and 1.10.7: WantedBy=basic.target.
      'etc/systemd/system/basic.target.wants/kdump-tools.service': '',
      'etc/systemd/system/multi-user.target.wants/kdump.service': '',
      'etc/systemd/system/multi-user.target.wants/kexec-file-kdump.service': '',
    });
    expect(listOtherUnits(root)).toEqual(['kdump-tools.service', 'kdump.service']);
    expect(listOtherUnits(makeTemporaryFolder())).toEqual([]);
  });
});
