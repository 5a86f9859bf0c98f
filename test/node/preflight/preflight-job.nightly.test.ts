/** Loads in another thread, of every kind of kernel: preflight.debian.test.ts compares loads in threads with `plan`. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Trail } from '../../../src/base/trail.js';
import { kexecFileLoad, type LoadResult } from '../../../src/kexec/file-load.js';
import { loadKernelFile } from '../../../src/kexec/load-kernel-file.js';
import { openKernelFile } from '../../../src/kexec/open-kernel-file.js';
import type { LoadRequest } from '../../../src/kexec/request.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { nodeDecompress } from '../../../src/node/codecs/node-decompress.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { cloneRequest, restoreRequest } from '../../../src/node/preflight/preflight-job.js';
import { MachineTrustCache } from '../../../src/preflight/machine-trust-cache.js';
import { EMPTY_BLACKLIST } from '../../../src/trust/keyrings/keyring.js';
import { parseKeyringFile } from '../../../src/trust/keyrings/keyring-file.js';
import { buildMachineStore, selectVariables } from '../../../src/trust/keyrings/machine-store.js';
import { POLICIES, type TrustRequest } from '../../../src/trust/policy.js';
import { Verifier } from '../../../src/trust/verifier.js';
import { parseCertificate } from '../../../src/trust/x509/certificate.js';
import { corpus } from '../../support/corpus.js';
import { buildEfiLists, EFI_TYPE } from '../../support/efi.js';
import { buildUki, buildZboot, gzipKernel } from '../../support/kernel-files.js';
import { buildMachine } from '../../support/machine.js';
import { makeSigningKeys, signFile } from '../../support/signing.js';

const { rsa: vendor, ec: stranger } = makeSigningKeys();
const keyrings = [{ name: 'builtin' as const, certificates: [parseCertificate(vendor.der, nodeHashes)] }];
const opening = { decompress: nodeDecompress, hashes: nodeHashes };

const kernel = new Uint8Array(readFileSync(corpus.cloudKernel()));
const uki = buildUki(corpus.stub(), {
  '.cmdline': 'quiet',
  '.initrd': new Uint8Array(5000).fill(3),
  '.linux': kernel,
});
const FILES: Record<string, Uint8Array> = {
  'a trusted kernel': signFile(kernel, vendor),
  'an untrusted kernel': kernel,
  'a trusted UKI': signFile(uki, vendor),
  'an untrusted UKI': signFile(uki, stranger),
  'a trusted zboot image': signFile(buildZboot(gzipKernel(kernel), 'gzip', kernel.length), vendor),
  'a gzip file': gzipKernel(kernel),
};

/** The request as another thread receives it. */
async function sendRequest(request: LoadRequest): Promise<LoadRequest> {
  const opened = await openKernelFile(request, opening, new Trail());
  const verified = opened.trust && new Verifier(opened.trust).verifyOnce(opened.kernel);
  const trust = opened.trust && { ...opened.trust, verified };
  return { ...restoreRequest(structuredClone(cloneRequest({ ...opened, trust }))), hashes: nodeHashes };
}

/** The outcome, with a digest in place of each segment's bytes. */
function describeOutcome(result: LoadResult) {
  if ('kimage' in result) {
    const { type, entry, segments } = result.kimage;
    const digests = segments.map(({ bytes, ...segment }) => ({ ...segment, digest: sha256(bytes) }));
    return { type, entry, segments: digests };
  }
  const { errno, check, seen } = result.refusal;
  return { errno, check, seen };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('a load in another thread', () => {
  it.each(Object.keys(FILES))('has the same outcome for %s, under every policy', async (name) => {
    const file = FILES[name] as Uint8Array;
    const machines = [
      buildMachine(),
      buildMachine({ kexecSignature: 'force' }),
      buildMachine({ kexecSignature: 'checked', lockdown: 'integrity' }),
    ];
    for (const policy of [undefined, ...POLICIES]) {
      const store = { keyrings, blacklist: EMPTY_BLACKLIST };
      const trust = policy && { store, policy, hashes: nodeHashes };
      const request: LoadRequest = { kernel: file, trust, hashes: nodeHashes };
      const received = await sendRequest(request);
      expect(received.kernel.buffer).toBeInstanceOf(SharedArrayBuffer);
      for (const machine of machines) {
        const expected = describeOutcome(await loadKernelFile(request, machine, opening));
        expect(describeOutcome(kexecFileLoad(received, machine))).toEqual(expected);
      }
    }
  });
});

describe("a load in another thread, with the keys of the machine's EFI variables", () => {
  const given = {
    sources: [{ name: 'vendor', keyring: 'builtin' as const, file: parseKeyringFile(vendor.der) }],
    namesTrusted: true,
  };
  const variable = ({ der }: { readonly der: Uint8Array }) =>
    Buffer.concat([new Uint8Array(4), buildEfiLists({ type: EFI_TYPE.x509, signatures: [{ data: der }] })]);
  const machines = [
    buildMachine(),
    ...[
      { dbx: variable(vendor) },
      { MokListXRT: variable(stranger) },
      { db: variable(stranger), dbx: variable(vendor) },
    ].map((efiVariables) => buildMachine({ efiVariables, kexecSignature: 'force' })),
  ];

  it.each(Object.keys(FILES))('has the outcome of a load on each machine for %s', async (name) => {
    for (const policy of POLICIES) {
      const trustOf = (machine: Machine): TrustRequest => {
        const store = buildMachineStore(given, selectVariables(given, policy, machine), nodeHashes);
        return { store, given, policy, hashes: nodeHashes };
      };
      const request = { kernel: FILES[name] as Uint8Array, hashes: nodeHashes };
      const cache = new MachineTrustCache(
        await sendRequest({ ...request, trust: trustOf(buildMachine()) }),
        nodeHashes,
      );
      for (const machine of [...machines, ...machines]) {
        const alone = await loadKernelFile({ ...request, trust: trustOf(machine) }, machine, opening);
        const received = { ...cache.requestFor(machine), hashes: nodeHashes };
        expect(describeOutcome(kexecFileLoad(received, machine))).toEqual(describeOutcome(alone));
      }
      expect(cache.requestFor(machines[1] as Machine)).toBe(cache.requestFor(machines[1] as Machine));
    }
  });

  it('refuses a malformed variable', async () => {
    const trust = { store: { keyrings, blacklist: EMPTY_BLACKLIST }, given, hashes: nodeHashes };
    const cache = new MachineTrustCache(
      await sendRequest({ kernel, trust: { ...trust, policy: 'enforce' } }),
      nodeHashes,
    );
    const efiVariables = { dbx: variable(vendor).subarray(0, 40) };
    expect(() => cache.requestFor(buildMachine({ efiVariables }))).toThrow(/the EFI variable dbx: /);
  });
});
