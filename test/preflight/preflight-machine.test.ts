import { describe, expect, it } from 'vitest';
import type { KernelFacts } from '../../src/machine/machine-facts.js';
import { type Outcome, preflightMachine } from '../../src/preflight/preflight-machine.js';
import { buildImage } from '../support/image.js';
import { listRecordedMachines } from '../support/varied-machines.js';

const found = listRecordedMachines().find(
  ({ architecture, crashRegion }) => architecture === 'arm64' && crashRegion !== undefined,
);
if (found === undefined) throw new Error('no machine has a crash region');
const machine = found;

/** Verdicts of the load and of the same load as a crash kernel: `loads`, or the check. */
function plan(kernel: KernelFacts, more: object = {}): (string | undefined)[] {
  const { outcome, crash } = preflightMachine(
    { kernel: buildImage() },
    { ...machine, ...more, kernel: { ...machine.kernel, ...kernel } },
  );
  return [outcome, crash].map(
    (each: Outcome | undefined) =>
      each && (each.verdict === 'loads' ? 'loads' : `${each.refusal.errno} ${each.refusal.check}`),
  );
}

const NOT_PERMITTED = 'EPERM live-permission';

describe('a machine whose kernel refuses every load', () => {
  const unlimited = { kexecLoadDisabled: false, kexecLoadLimitReboot: -1, kexecLoadLimitPanic: 1 };

  it.each([
    ['loads without limits', {}, ['loads', 'loads']],
    ['is refused if loads are disabled', { kexecLoadDisabled: true }, [NOT_PERMITTED, NOT_PERMITTED]],
    ['is refused at the limit', { kexecLoadLimitReboot: 0 }, [NOT_PERMITTED, 'loads']],
    ['is refused at the limit of crash kernels', { kexecLoadLimitPanic: 0 }, ['loads', NOT_PERMITTED]],
  ])('%s', (_, facts, verdicts) => {
    expect(plan({ ...unlimited, ...facts })).toEqual(verdicts);
  });

  it('is refused if it is locked down and has only kexec_load(2)', () => {
    const only = { config: { KEXEC: 'y' } };
    const locked = { lockdown: 'integrity' };
    const refused = 'EPERM lockdown';
    expect(plan(only)).toEqual(['loads', 'loads']);
    expect(plan({ config: { KEXEC: 'y', KEXEC_FILE: 'y' } }, locked)).toEqual(['loads', 'loads']);
    expect(plan(only, locked)).toEqual([refused, refused]);
  });
});
