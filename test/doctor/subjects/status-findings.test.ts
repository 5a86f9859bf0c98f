import { describe, expect, it } from 'vitest';
import { buildCrashMachine } from '../../support/crash.js';
import { listFacts } from '../../support/doctor.js';
import { buildMachine } from '../../support/machine.js';

describe('the status', () => {
  it('says which kernels are loaded', () => {
    const on = (loaded: boolean, crashLoaded: boolean) =>
      listFacts('status', buildCrashMachine(), { live: { loaded, crashLoaded } });
    expect(on(true, true)).toEqual([
      'fine kexec: a kernel is loaded',
      'fine kdump: a crash kernel is loaded',
    ]);
    expect(on(false, false)).toEqual([
      'warns kdump: memory is reserved for a crash kernel, but none is loaded',
    ]);
    expect(listFacts('status', buildMachine(), { live: { loaded: false, crashLoaded: false } })).toEqual([]);
  });
});
