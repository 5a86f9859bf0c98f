import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { IntendedLoad } from '../../src/doctor/intended-load.js';
import { openIntendedKernel } from '../../src/doctor/open-intended-kernel.js';
import { nodeDecompress } from '../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { loadTrustStore } from '../../src/node/keys/keyrings.js';
import { corpus } from '../support/corpus.js';
import { listFacts, listFindings } from '../support/doctor.js';
import { buildUki, compress, gzipKernel } from '../support/kernel-files.js';
import { buildMachine } from '../support/machine.js';

const kernel = new Uint8Array(readFileSync(corpus.cloudKernel()));
const store = loadTrustStore({ keyrings: [corpus.shim()] }, nodeHashes);
const trust = { hashes: nodeHashes, storeFor: () => store, isEnforced: true };
const machine = buildMachine({ kernel: { config: { KEXEC_FILE: 'y' } }, kexecSignature: 'force' });
const open = (subject: IntendedLoad) =>
  openIntendedKernel(subject, { decompress: nodeDecompress, hashes: nodeHashes });

describe('a kernel inside another format', () => {
  it('is diagnosed as an Image', async () => {
    const subject = await open({ kernel: gzipKernel(kernel), trust });
    expect(listFacts('image', machine, subject)[0]).toBe(
      'fine kexec: kexec-file extracts the Image from the file: gzip file',
    );
    expect(listFacts('load', machine, subject)).toEqual([
      expect.stringMatching(/^fine kexec: .* can be loaded/),
    ]);
    expect(listFacts('signature', machine, subject)).toEqual(['fine kexec: the signature holds']);
  });

  it("is diagnosed with a UKI's initrd and signature", async () => {
    const uki = buildUki(corpus.stub(), { '.initrd': '070701 and no more', '.linux': kernel });
    const subject = await open({ kernel: uki, trust });
    expect(listFacts('initrd', machine, subject)[0]).toMatch(
      /^stops kexec: the kernel cannot unpack the initrd: the archive ends within an entry/,
    );
    expect(listFacts('signature', machine, subject)).toEqual([
      expect.stringMatching(
        /^stops kexec: the signature does not hold: ENODATA .*the initrd came with the UKI/,
      ),
    ]);
    const other = await open({ kernel: uki, initrd: compress(new Uint8Array(512), 'gzip'), trust });
    expect(listFacts('signature', machine, other)).toEqual(['fine kexec: the signature holds']);
  });

  it('has one finding if it is damaged', async () => {
    const subject = await open({ kernel: compress(kernel, 'zstd').subarray(0, 1_000_000), trust });
    const [finding, ...others] = listFindings('image', machine, subject);
    expect(finding).toMatchObject({
      severity: 'stops',
      fact: expect.stringContaining('EBADMSG (compressed-data)'),
      cure: expect.stringContaining('cut short or damaged'),
    });
    expect(others).toEqual([]);
    expect(listFacts('signature', machine, subject)).toEqual([]);
  });

  it('is reported if its format is unknown', async () => {
    const [finding] = listFindings('image', machine, await open({ kernel: new Uint8Array(100) }));
    expect(finding?.cure).toContain('give the kernel file itself');
  });
});
