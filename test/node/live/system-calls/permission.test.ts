import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  countCallsLeft,
  findLockdownFault,
  findPermissionFault,
  readPermissionFacts,
} from '../../../../src/node/live/system-calls/permission.js';
import { makeTemporaryFolder } from '../../../support/cli.js';

describe('findPermissionFault', () => {
  it.each([
    [{ capability: false }, 'default', /lacks CAP_SYS_BOOT; run it as root/],
    [{ capability: false, disabled: true }, 'default', /CAP_SYS_BOOT/],
    [{ capability: true, disabled: true }, 'default', /kernel\.kexec_load_disabled is 1/],
    [{ capability: true, isFirstUserNamespace: false }, 'default', /user namespace, as in a container/],
    [{ limitReboot: 0, limitPanic: -1 }, 'default', /kernel\.kexec_load_limit_reboot is 0/],
    [{ limitReboot: -1, limitPanic: 0 }, 'crash', /kernel\.kexec_load_limit_panic is 0/],
  ] as const)('finds why every load is forbidden: %j, %s', (facts, type, fault) => {
    expect(findPermissionFault(facts, type)).toMatch(fault);
  });

  it.each([
    [{}, 'default'],
    [{ capability: true, disabled: false, limitReboot: -1, limitPanic: 0 }, 'default'],
    [{ limitReboot: 0, limitPanic: 3 }, 'crash'],
    [{ lockdown: 'integrity' }, 'default'],
  ] as const)('finds nothing in %j for %s', (facts, type) => {
    expect(findPermissionFault(facts, type)).toBeUndefined();
  });
});

describe('findLockdownFault', () => {
  it('forbids kexec_load under every level except none, and names the alternative', () => {
    expect(findLockdownFault({ lockdown: 'confidentiality' })).toMatch(
      /lockdown is confidentiality.*--syscall file/,
    );
    expect(findLockdownFault({ lockdown: 'none' })).toBeUndefined();
    expect(findLockdownFault({})).toBeUndefined();
  });
});

describe('countCallsLeft', () => {
  it('is unlimited if no limit is known', () => {
    expect(countCallsLeft({}, 'crash')).toBe(-1);
    expect(countCallsLeft({ limitPanic: 2 }, 'crash')).toBe(2);
  });
});

describe('readPermissionFacts', () => {
  it('reads every fact of a machine', () => {
    const root = makeTemporaryFolder();
    const files = {
      'proc/self/status': 'Name:\tnode\nCapEff:\t0000000000400000\n',
      'proc/self/uid_map': '         0          0 4294967295\n',
      'proc/sys/kernel/kexec_load_disabled': '1\n',
      'proc/sys/kernel/kexec_load_limit_reboot': '3\n',
      'proc/sys/kernel/kexec_load_limit_panic': '-1\n',
      'sys/kernel/security/lockdown': 'none [integrity] confidentiality\n',
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    expect(readPermissionFacts(root)).toEqual({
      capability: true,
      isFirstUserNamespace: true,
      disabled: true,
      limitReboot: 3,
      limitPanic: -1,
      lockdown: 'integrity',
    });
    writeFileSync(join(root, 'proc/self/status'), 'CapEff:\tffffffffffbfffff\n');
    writeFileSync(join(root, 'proc/sys/kernel/kexec_load_disabled'), '0\n');
    expect(readPermissionFacts(root)).toMatchObject({ capability: false, disabled: false });
  });

  it('leaves out facts that cannot be read', () => {
    expect(readPermissionFacts(join(makeTemporaryFolder(), 'none'))).toEqual({});
  });

  it('reads the facts of this machine', () => {
    const [, capabilities = ''] = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    const hasSysBoot = Number.parseInt(capabilities.slice(-6, -5), 16) & 4;
    expect(readPermissionFacts().capability).toBe(hasSysBoot !== 0);
  });
});
