import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../../src/base/checks.js';
import { refuse } from '../../../src/base/error.js';
import type { IntendedTrust } from '../../../src/doctor/intended-load.js';
import type { Arm64Machine } from '../../../src/machine/arm64/arm64-machine.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { loadTrustStore } from '../../../src/node/keys/keyrings.js';
import type { TrustStore } from '../../../src/trust/keyrings/keyring.js';
import { buildTrustStore } from '../../../src/trust/keyrings/trust-store.js';
import { corpus } from '../../support/corpus.js';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildMachine } from '../../support/machine.js';
import { makeSigner } from '../../support/openssl.js';
import { withTemporaryFolder } from '../../support/programs.js';

const kernel = new Uint8Array(readFileSync(corpus.cloudKernel()));
const debian = loadTrustStore({ keyrings: [corpus.shim()] }, nodeHashes);
const nobody = buildTrustStore([], nodeHashes);
const stranger = withTemporaryFolder((folder) =>
  loadTrustStore({ certs: [makeSigner(folder, 'stranger').certificatePath] }, nodeHashes),
);

const trust = (store: TrustStore, isEnforced = false): IntendedTrust => ({
  hashes: nodeHashes,
  storeFor: () => store,
  isEnforced,
});
const facts = (subject: IntendedTrust, machine: Partial<Arm64Machine> = {}, file = kernel) =>
  listFacts('signature', buildMachine(machine), { kernel: file, trust: subject });

const WITH_FILE = { kernel: { config: { KEXEC_FILE: 'y' } } };

describe("a kernel's signature", () => {
  it('holds', () => {
    expect(facts(trust(debian, true), { kexecSignature: 'force', ...WITH_FILE })).toEqual([
      'fine kexec: the signature holds',
    ]);
  });

  it('cannot be verified without trusted certificates, which stops a load that enforces it', () => {
    expect(facts(trust(nobody))[0]).toMatch(/^unknown kexec: no trusted certificate is known: ENOKEY/);
    expect(facts(trust(nobody, true))[0]).toMatch(/^stops kexec: no trusted certificate is known/);
  });

  it('does not hold with other keys, or for a modified file', () => {
    expect(facts(trust(stranger))).toEqual([
      expect.stringMatching(/^warns kexec: the signature does not hold: ENOKEY \(trust\)/),
    ]);
    const tampered = kernel.slice();
    tampered[1_000_000] = (tampered[1_000_000] ?? 0) ^ 1;
    const [finding] = listFindings('signature', buildMachine(), {
      kernel: tampered,
      trust: trust(debian, true),
    });
    expect(finding).toMatchObject({
      severity: 'stops',
      fact: expect.stringContaining('EKEYREJECTED (pe-digest)'),
      cure: `${CHECKS['pe-digest'].cure}; or load it anyway with --policy permissive`,
    });
  });

  it('decides in a kernel that enforces signatures or is locked down, if it has kexec_file_load', () => {
    const forced = { kexecSignature: 'force', ...WITH_FILE } as const;
    const locked = { kexecSignature: 'checked', lockdown: 'integrity', ...WITH_FILE } as const;
    const asKernel = 'kexec: by what is known of its keyrings, the running kernel refuses it:';
    expect(facts(trust(stranger), forced)[0]).toContain(`stops ${asKernel} ENOKEY (trust)`);
    expect(facts(trust(stranger), locked)[0]).toContain(`stops ${asKernel} EPERM (lockdown)`);
    // The keys that are built into the running kernel are unknown.
    expect(facts(trust(nobody), forced)[1]).toContain(`unknown ${asKernel} ENOKEY (trust)`);
    expect(facts(trust(nobody), locked)[1]).toContain(`unknown ${asKernel} EPERM (lockdown)`);
    // Without kexec_file_load, the running kernel verifies nothing.
    const segments = { kexecSignature: 'none', kernel: { config: { KEXEC: 'y' } } } as const;
    expect(facts(trust(stranger), segments)).toHaveLength(1);
    expect(facts(trust(stranger), { kexecSignature: 'checked', ...WITH_FILE })).toHaveLength(1);
  });

  it('is unknown if an EFI variable is malformed', () => {
    const broken: IntendedTrust = {
      ...trust(nobody),
      storeFor: () => {
        refuse('efi-signature-list', 'EBADMSG', 'the EFI variable db: short');
      },
    };
    expect(facts(broken)).toEqual(['unknown both: EBADMSG (efi-signature-list): the EFI variable db: short']);
  });

  it('has no finding without trusted certificates', () => {
    expect(listFacts('signature', buildMachine(), { kernel })).toEqual([]);
  });
});
