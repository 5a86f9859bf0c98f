import { expect, it } from 'vitest';
import { buildReportHeader } from '../../../src/base/report-header.js';
import type { Kimage } from '../../../src/kexec/kimage.js';
import { formatJson } from '../../../src/view/json/format-json.js';
import { buildRehearsalJson, type RehearsalFacts } from '../../../src/view/json/rehearsal-json.js';
import { buildCrashMachine, CRASH_REGION } from '../../support/crash.js';
import { parseReports } from '../../support/json-reports.js';

const FACTS: RehearsalFacts = {
  machine: 'server',
  stage: 'load',
  seen: ['refused'],
  standIn: {
    qemu: { machine: 'virt', cpu: 'cortex-a57', memory: '1G', cpus: 2 },
    firmware: 'uefi',
    commandLine: 'quiet',
    captureCommandLine: 'nr_cpus=1',
    crashkernel: ['256M'],
    notes: [],
  },
  seconds: { boot: 1.5 },
  console: 'rehearsal.log',
};

function report(facts: RehearsalFacts): object | undefined {
  const json = { ...buildReportHeader('crash-rehearse'), ...buildRehearsalJson(facts) };
  return parseReports(formatJson(json, 'lines'))[0];
}

it('the report of a rehearsal has its schema, however far the rehearsal came', () => {
  expect(report(FACTS)).toMatchObject({ verdict: 'failed', stage: 'load' });
  const kimage: Kimage = {
    type: 'crash',
    entry: CRASH_REGION.start,
    segments: [{ name: 'kernel', mem: CRASH_REGION.start, memsz: 4096n, bytes: new Uint8Array(1) }],
  };
  const dump = { size: 4096n, release: undefined, panic: 'Kernel panic' };
  const whole = report({ ...FACTS, stage: 'vmcore', guest: buildCrashMachine(), kimage, dump });
  expect(whole).toMatchObject({ verdict: 'ok', segments: [{ name: 'kernel' }], vmcore: { size: '0x1000' } });
});
