import { gzipSync } from 'node:zlib';
import { packTar } from 'modern-tar';
import { describe, expect, it } from 'vitest';
import { attemptAsync } from '../../../src/base/error.js';
import { recordTar } from '../../../src/machine/collect/collected-tar.js';
import { portableGunzip } from '../../../src/machine/collect/unpack-collected.js';
import { nodeGunzip } from '../../../src/node/collect/node-gunzip.js';
import { buildSmallDeviceTree } from '../../support/machine.js';

const CONFIG = gzipSync('CONFIG_KEXEC_FILE=y\n');

async function packMachine(config: Uint8Array): Promise<Uint8Array> {
  const files = { fdt: buildSmallDeviceTree(), iomem: '40000000-7fffffff : System RAM\n', config };
  const entries = Object.entries(files).map(([name, body]) => ({
    header: { name, size: body.length },
    body,
  }));
  return gzipSync(await packTar(entries));
}

describe.each([
  ['our own decoder', portableGunzip],
  ['zlib', nodeGunzip],
])('a compressed tar, by %s', (_, gunzip) => {
  it('becomes a machine, with what is compressed in it', async () => {
    const machine = await recordTar('racks/server.tar.gz', await packMachine(CONFIG), gunzip);
    expect(machine).toMatchObject({ name: 'server', kernel: { config: { KEXEC_FILE: 'y' } } });
  });

  it.each([
    ['damaged', CONFIG.subarray(0, 16), 'EINVAL'],
    ['larger than a configuration is', gzipSync(new Uint8Array(3 << 20)), 'EFBIG'],
  ])('is refused if a file in it is %s', async (_name, config, errno) => {
    const tar = await packMachine(config);
    expect(await attemptAsync(() => recordTar('server.tgz', tar, gunzip))).toMatchObject({
      errno,
      check: 'machine-archive',
    });
  });
});
