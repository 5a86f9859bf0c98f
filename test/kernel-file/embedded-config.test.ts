import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { encodeLatin1 } from '../../src/base/bytes.js';
import { readEmbeddedConfig } from '../../src/kernel-file/embedded-config.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { buildImage } from '../support/image.js';

const BANNER = { offset: 1000, release: '6.1' };

function imageWith(config: Uint8Array): Uint8Array {
  const image = buildImage({ length: 16_384 });
  image.set(
    Buffer.concat([encodeLatin1('Linux version 6.1 \0IKCFG_ST'), config, encodeLatin1('IKCFG_ED')]),
    1000,
  );
  return image;
}

it('the configuration in a kernel is read, as far as it decides about a load', async () => {
  const text =
    'CONFIG_RD_XZ=y\n# CONFIG_RD_ZSTD is not set\nCONFIG_CMDLINE="root=/dev/vda"\nCONFIG_OTHER=y\n';
  expect(await readEmbeddedConfig(imageWith(gzipSync(text)), BANNER, nodeDecompress)).toEqual({
    RD_XZ: 'y',
    CMDLINE: 'root=/dev/vda',
  });
});

it('a kernel without one, or with a damaged or a huge one, has none', async () => {
  const damaged = gzipSync('CONFIG_RD_XZ=y\n').fill(0, 12);
  for (const image of [buildImage(), imageWith(damaged), imageWith(gzipSync(Buffer.alloc(5 << 20)))])
    expect(await readEmbeddedConfig(image, BANNER, nodeDecompress)).toBeUndefined();
});
