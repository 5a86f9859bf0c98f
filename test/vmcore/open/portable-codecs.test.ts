import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createByteSource } from '../../../src/base/byte-source.js';
import { nodeCodecs } from '../../../src/node/codecs/node-codecs.js';
import { formatDmesgLine } from '../../../src/vmcore/log/dmesg.js';
import { readLog } from '../../../src/vmcore/log/read-log.js';
import { openVmcore } from '../../../src/vmcore/open/open-vmcore.js';
import { portableCodecs } from '../../../src/vmcore/open/portable-codecs.js';
import { summarizeVmcore } from '../../../src/vmcore/summary/vmcore-summary.js';
import { buildKdump, PACKS } from '../../support/kdump.js';
import { REDUCED_VMCORES, readExpectedDmesg, readReducedVmcore } from '../../support/vmcore.js';

const MAKEDUMPFILE_DUMPS = ['linux-6.12-48bit.snappy', 'linux-6.12-48bit.zstd'];

function recordedDump(name: string): Uint8Array {
  return gunzipSync(readFileSync(new URL(`../../data/vmcore/${name}.gz`, import.meta.url)));
}

/** What the commands report of a dump. */
function readAll(bytes: Uint8Array, codecs: typeof portableCodecs) {
  const vmcore = openVmcore(createByteSource(bytes), codecs);
  const problems: string[] = [];
  const log = [...readLog(vmcore)((problem) => problems.push(problem))]
    .map((record) => Buffer.from(formatDmesgLine(record)).toString('latin1'))
    .join('');
  return { info: summarizeVmcore(vmcore), log, problems };
}

describe.each(REDUCED_VMCORES)('portable codecs read %s', (name) => {
  it.each(['none', 'zlib', 'zstd', 'lzo', 'snappy'] as const)('compressed by %s, as Node does', (pack) => {
    const dump = buildKdump(readReducedVmcore(name), PACKS[pack]);
    const found = readAll(dump, portableCodecs);
    expect(found).toEqual(readAll(dump, nodeCodecs));
    expect(found).toMatchObject({ log: readExpectedDmesg(name), problems: [] });
  });
});

describe('portable codecs read dumps that makedumpfile compressed', () => {
  it.each(MAKEDUMPFILE_DUMPS)('%s', (name) => {
    const dump = recordedDump(name);
    const found = readAll(dump, portableCodecs);
    expect(found).toEqual(readAll(dump, nodeCodecs));
    expect(found.log).toBe(readExpectedDmesg('linux-6.12-48bit'));
  });
});
