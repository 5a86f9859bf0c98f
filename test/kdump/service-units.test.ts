import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildServiceCommandLine } from '../../src/kdump/service-command-line.js';
import { LOAD_UNIT, SAVE_UNIT } from '../../src/kdump/service-units.js';

const PACKAGE = 'packaging/debian/kexec-file/usr/lib';

function readUnit(name: string): string {
  return readFileSync(`${PACKAGE}/systemd/system/${name}`, 'utf8');
}

/** The values of a key in a unit. */
function listValues(unit: string, key: string): string[] {
  return [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
}

describe('the units of the package', () => {
  it('save only in the kernel whose command line the service builds', () => {
    const [condition = ''] = listValues(readUnit(SAVE_UNIT), 'ConditionKernelCommandLine');
    expect(buildServiceCommandLine('root=/dev/vda').split(' ')).toContain(condition);
  });

  it('require nothing for a save, and restart the machine if it ends otherwise than by itself', () => {
    const unit = readUnit(SAVE_UNIT);
    expect(listValues(unit, 'Requires')).toEqual([]);
    expect(listValues(unit, 'DefaultDependencies')).toEqual(['no']);
    expect(listValues(unit, 'FailureAction')).toEqual(['reboot-force']);
  });

  it.each([LOAD_UNIT, 'kexec-file-load.service'])(
    '%s unloads when it is stopped, not for a restart',
    (name) => {
      const stop = listValues(readUnit(name), 'ExecStop');
      expect(stop).toEqual([
        expect.stringMatching(/list-jobs --no-legend %n \| grep -qw restart \|\| exec .* unload/),
      ]);
    },
  );

  it('skip the load where nothing is reserved', () => {
    expect(listValues(readUnit(LOAD_UNIT), 'ConditionKernelCommandLine')).toEqual(['crashkernel']);
  });

  it('are reloaded when CPUs or memory come or go, and not waited for', () => {
    const rule = readFileSync(`${PACKAGE}/udev/rules.d/60-kexec-file-kdump.rules`, 'utf8');
    expect(rule).toContain(`systemctl --no-block try-reload-or-restart ${LOAD_UNIT}`);
  });
});
