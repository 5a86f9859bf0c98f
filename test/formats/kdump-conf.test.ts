import { describe, expect, it } from 'vitest';
import { parseKdumpConf } from '../../src/formats/kdump-conf.js';

describe('kdump.conf', () => {
  // What is not a comment in the file that kdump-utils installs on aarch64.
  it('has an option and its value on each line', () => {
    const text = `# Supported options:
#raw /dev/vg/lv_kdump
#ssh user@my.server.com
auto_reset_crashkernel yes
path /var/crash
core_collector makedumpfile -l --message-level 7 -d 31
#failure_action shell
`;
    expect(Object.fromEntries(parseKdumpConf(text))).toEqual({
      auto_reset_crashkernel: 'yes',
      path: '/var/crash',
      core_collector: 'makedumpfile -l --message-level 7 -d 31',
    });
  });

  it('takes the first of two, without comments and spaces', () => {
    const text = '  nfs   [2001:db8::1]:/export/tmp  # share\nnfs other:/x\npath\n\next4 LABEL=/boot\n';
    expect(Object.fromEntries(parseKdumpConf(text))).toEqual({
      nfs: '[2001:db8::1]:/export/tmp',
      ext4: 'LABEL=/boot',
    });
  });
});
