import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LOAD_UNIT, SAVE_UNIT } from '../../src/kdump/service-units.js';
import { runCli } from '../support/cli.js';

const UNITS = 'packaging/debian/kexec-file/usr/lib/systemd/system';

it('in a machine that was booted normally, kdump save does nothing, and does not restart it', () => {
  for (const options of [[], ['--finish']]) {
    expect(runCli('kdump', 'save', ...options)).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('there is no /proc/vmcore'),
    });
  }
});

it('the units of the package call commands and options that exist', () => {
  const calls = [SAVE_UNIT, LOAD_UNIT].flatMap((name) =>
    // A shell's command ends with its quote.
    [
      ...readFileSync(`${UNITS}/${name}`, 'utf8').matchAll(/^Exec\w+=.*\/usr\/bin\/kexec-file ([^'\n]*)/gm),
    ].map(([, call = '']) => call),
  );
  expect(calls).toHaveLength(4);
  for (const call of calls) {
    const words = call.split(' ').filter((word) => !word.startsWith('$'));
    expect(runCli(...words, '--help').status, call).toBe(0);
  }
});
