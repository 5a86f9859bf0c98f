import { describe, expect, it, vi } from 'vitest';
import { chooseCmaFlag } from '../../../src/node/live/choose-cma-flag.js';
import { buildMachine } from '../../support/machine.js';

const NEW = buildMachine({ kernel: { release: '7.3.4' } });
const OLD = buildMachine({ kernel: { release: '6.12.117' } });

function questions(isKnown: boolean, limitReboot = -1) {
  return { readFacts: () => ({ limitReboot }), probe: vi.fn(() => Promise.resolve(isKnown)) };
}

describe('chooseCmaFlag', () => {
  it('gives the flag to a kernel that knows it, whatever its release', async () => {
    for (const cma of [undefined, false]) {
      const chosen = await chooseCmaFlag({ cma }, OLD, questions(true));
      expect(chosen).toMatchObject({ flag: true, notes: [{ verdict: 'ok' }] });
    }
  });

  it('gives no flag to a kernel that does not know it, and says so if it was asked for', async () => {
    expect(await chooseCmaFlag({}, NEW, questions(false))).toEqual({ flag: false, notes: [] });
    const asked = await chooseCmaFlag({ cma: false }, NEW, questions(false));
    expect(asked).toMatchObject({ flag: false, notes: [{ verdict: 'note' }] });
  });

  it('asks nothing if CMA may be used, or for a crash kernel', async () => {
    for (const options of [{ cma: true }, { type: 'crash' as const }]) {
      const asked = questions(true);
      expect(await chooseCmaFlag(options, NEW, asked)).toEqual({ flag: false, notes: [] });
      expect(asked.probe).not.toHaveBeenCalled();
    }
  });

  it('decides by the release where a question would use up a call', async () => {
    for (const [machine, flag] of [
      [NEW, true],
      [OLD, false],
      [buildMachine(), false],
    ] as const) {
      const asked = questions(!flag, 3);
      expect((await chooseCmaFlag({}, machine, asked)).flag).toBe(flag);
      expect(asked.probe).not.toHaveBeenCalled();
    }
  });
});
