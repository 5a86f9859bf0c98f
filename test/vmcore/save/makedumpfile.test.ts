import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, it } from 'vitest';
import { DUMP_NAME, expectSameDump } from './same-dump.js';

describe('a dump that makedumpfile wrote is read', () => {
  it.each(['snappy', 'zstd'])('by %s', (compression) => {
    const file = new URL(`../../data/vmcore/${DUMP_NAME}.${compression}.gz`, import.meta.url);
    expectSameDump(new Uint8Array(gunzipSync(readFileSync(file))));
  });
});
