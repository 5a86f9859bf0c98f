/** Policy as-kernel: the verdict of the machine's own kernel, and why its file may be unsafe all the same. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePe } from '../../src/formats/pe/parse.js';
import { kexecFileLoad } from '../../src/kexec/file-load.js';
import type { Machine } from '../../src/machine/machine-value.js';
import { formatMachine } from '../../src/machine/schema.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import type { KeyringName } from '../../src/trust/keyrings/keyring.js';
import { parseKeyringFile } from '../../src/trust/keyrings/keyring-file.js';
import { buildTrustStore, type LoadedTrustStore } from '../../src/trust/keyrings/trust-store.js';
import type { Policy } from '../../src/trust/policy.js';
import { verifyForMachines } from '../../src/trust/verify-for-machines.js';
import { parseCertificate } from '../../src/trust/x509/certificate.js';
import { signedFile } from '../conformance/authenticode.js';
import { type Identity, issue } from '../conformance/certificates.js';
import { ca, rsaKey, signer, stranger } from '../conformance/identities.js';
import { attach, buildImage, layoutOf, ordinarySections, u32le, withBytes } from '../conformance/image.js';
import { makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildEfiLists, EFI_TYPE } from '../support/efi.js';
import { buildMachine } from '../support/machine.js';
import { computeDigest } from '../support/test-keys.js';

const CASE = 'test/cases/field/20-signature-fatal-before-5.9/sig-noimg';
const SIGNED = 'test/cases/attack/03-dbx-in-envelope';

type Held = Partial<Record<KeyringName, readonly Identity[]>>;

function storeOf(held: Held, dbx?: Uint8Array): LoadedTrustStore {
  const sources = Object.entries(held).flatMap(([keyring, identities]) =>
    identities.map(({ certificate }) => ({
      name: 'a.der',
      keyring: keyring as KeyringName,
      file: parseKeyringFile(certificate.der),
    })),
  );
  const revoked = dbx && { name: 'dbx', keyring: 'platform' as const, file: parseKeyringFile(dbx, 'revoke') };
  return buildTrustStore([...sources, ...(revoked === undefined ? [] : [revoked])], nodeHashes);
}

function load(
  kernel: Uint8Array,
  store: LoadedTrustStore,
  machine: Partial<Machine>,
  policy: Policy = 'as-kernel',
) {
  const request = { kernel, trust: { store, policy, hashes: nodeHashes }, hashes: nodeHashes };
  const result = kexecFileLoad(request, buildMachine({ kexecSignature: 'checked', ...machine } as object));
  const refusal = 'refusal' in result ? result.refusal : undefined;
  return {
    errno: refusal?.errno ?? 'loads',
    check: refusal?.check,
    seen: refusal?.seen,
    trail: result.trail,
  };
}

const release = (text: string, config: Record<string, string> = {}) => ({
  kernel: { release: text, config: { KEXEC_SIG: 'y', KEXEC_IMAGE_VERIFY_SIG: 'y', ...config } },
});

const changed = (): Uint8Array => {
  const file = signedFile();
  return withBytes(file, layoutOf(file).sectionTable + 8, u32le(0x4242));
};

describe('field/20: 5.4 with CONFIG_KEXEC_SIG and without CONFIG_KEXEC_IMAGE_VERIFY_SIG', () => {
  const recorded = () => {
    const path = join(makeTemporaryFolder(), 'm.json');
    expect(runCli('machine', 'record', '--from', CASE, '-o', path).status).toBe(0);
    return path;
  };

  it.each([`${SIGNED}/image.good`, 'test/cases/attack/15-keyring-folder-with-dbx/image.evil'])(
    'plan refuses %s with EKEYREJECTED',
    (kernel) => {
      const { status, stderr } = runCli('plan', kernel, '--policy', 'as-kernel', '--machine', recorded());
      expect(status).toBe(1);
      expect(stderr).toContain('refused: EKEYREJECTED (running-verify)');
      expect(stderr).toContain('CONFIG_KEXEC_SIG, but no CONFIG_KEXEC_IMAGE_VERIFY_SIG');
    },
  );

  it('doctor says that it stops', () => {
    const args = ['--policy', 'as-kernel', '--machine', recorded()];
    const { status, stdout } = runCli('doctor', `${SIGNED}/image.good`, ...args);
    expect(status).toBe(1);
    expect(stdout).toContain('CONFIG_KEXEC_SIG, but no CONFIG_KEXEC_IMAGE_VERIFY_SIG');
    expect(stdout).toContain('EKEYREJECTED');
  });

  const lacks = { KEXEC_SIG: 'y' };
  it.each([
    ['5.8.0', {}, 'EKEYREJECTED'],
    ['5.9.0', {}, 'loads'],
    ['6.12.0', {}, 'loads'],
    ['6.12.0', { lockdown: 'integrity' }, 'EPERM'],
    ['5.4.0', { lockdown: 'integrity' }, 'EKEYREJECTED'],
    ['6.12.0', { kexecSignature: 'force' }, 'EKEYREJECTED'],
  ] as const)('%s, %o: %s', (version, facts, errno) => {
    const machine = { kernel: { release: version, config: lacks }, ...facts } as Partial<Machine>;
    expect(load(signedFile(), storeOf({ builtin: [ca()] }), machine).errno).toBe(errno);
  });
});

describe('of its kind: what kimage_validate_signature() forgives', () => {
  it.each([
    ['an unsigned kernel', () => buildImage(), '5.4.0', 'loads'],
    ['a kernel of a stranger', () => signedFile({ signer: stranger() }), '5.8.18', 'loads'],
    ['a changed kernel', changed, '5.4.0', 'EKEYREJECTED'],
    ['a changed kernel', changed, '5.8.0', 'EKEYREJECTED'],
    ['a changed kernel', changed, '5.9.0', 'loads'],
    [
      'a malformed certificate table',
      () => attach(buildImage(), [{ bytes: new Uint8Array(40), type: 1 }]),
      '5.4.0',
      'ENOTSUPP',
    ],
    [
      'a malformed certificate table',
      () => attach(buildImage(), [{ bytes: new Uint8Array(40), type: 1 }]),
      '6.1.0',
      'loads',
    ],
  ] as const)('%s on %s', (_, kernel, version, errno) => {
    expect(load(kernel(), storeOf({ builtin: [ca()] }), release(version)).errno).toBe(errno);
  });

  it('arm64 before 6.0 searches builtin alone, and says so', () => {
    const force = { kexecSignature: 'force' } as const;
    for (const keyring of ['secondary', 'machine', 'platform'] as const) {
      const store = storeOf({ [keyring]: [ca()] });
      const old = load(signedFile(), store, { ...release('5.10.0'), ...force });
      expect(old.errno).toBe('ENOKEY');
      expect(JSON.stringify(old.trail)).toContain("the machine's kernel searches only builtin");
      for (const version of ['5.15.80', '5.19.17', '6.0.0', '6.12.0'])
        expect(load(signedFile(), store, { ...release(version), ...force }).errno).toBe('loads');
    }
    expect(load(signedFile(), storeOf({ builtin: [ca()] }), { ...release('5.10.0'), ...force }).errno).toBe(
      'loads',
    );
  });

  it('a kernel without platform or secondary keyring does not search it', () => {
    const config = { SYSTEM_TRUSTED_KEYRING: 'y', SECONDARY_TRUSTED_KEYRING: 'y' };
    const machine = { ...release('6.12.0', config), kexecSignature: 'force' } as const;
    expect(load(signedFile(), storeOf({ secondary: [ca()] }), machine).errno).toBe('loads');
    expect(load(signedFile(), storeOf({ platform: [ca()] }), machine).errno).toBe('ENOKEY');
  });
});

describe('attack/22 under as-kernel: dbx is compared as the release compares it', () => {
  const force = { kexecSignature: 'force' } as const;
  const dbxOf = ({ certificate }: Identity, withTime: boolean) => {
    const { tbs } = parseCertificate(certificate.der, nodeHashes);
    const data = Buffer.concat([computeDigest('sha256', tbs), new Uint8Array(withTime ? 16 : 0)]);
    return buildEfiLists({ type: EFI_TYPE.x509Sha256, signatures: [{ data }] });
  };
  const one = (digest: 'sha256' | 'sha384') => issue('one', rsaKey('one'), ca(), { digest });

  it.each([
    ['sha256', false, '6.12.0', 'EKEYREJECTED'],
    ['sha384', false, '6.12.0', 'loads'],
    ['sha384', false, '7.0.0', 'EKEYREJECTED'],
    ['sha256', true, '6.12.0', 'loads'],
    ['sha384', true, '7.0.0', 'loads'],
  ] as const)(
    'a certificate by %s, an entry with a time: %s, Linux %s: %s',
    (digest, withTime, version, errno) => {
      const identity = one(digest);
      const store = storeOf({ builtin: [ca()] }, dbxOf(identity, withTime));
      const result = load(signedFile({ signer: identity }), store, { ...release(version), ...force });
      expect(result.errno).toBe(errno);
      if (errno === 'loads') {
        expect(result.trail).toContainEqual(
          expect.objectContaining({
            check: 'blacklist',
            verdict: 'note',
            detail: expect.stringContaining('is revoked'),
          }),
        );
      }
      expect(load(signedFile({ signer: identity }), store, {}, 'enforce').check).toBe('blacklist');
    },
  );

  it.each([
    [{}, 'EKEYREJECTED'],
    [{ SYSTEM_BLACKLIST_KEYRING: 'y' }, 'loads'],
    [{ SYSTEM_BLACKLIST_KEYRING: 'y', SYSTEM_REVOCATION_LIST: 'y' }, 'EKEYREJECTED'],
  ] as const)('a certificate in dbx, a kernel with %o: %s', (config, errno) => {
    const identity = one('sha256');
    const signatures = [{ data: identity.certificate.der }];
    const store = storeOf({ builtin: [ca()] }, buildEfiLists({ type: EFI_TYPE.x509, signatures }));
    const machine = { ...release('6.12.0', config), ...force };
    expect(load(signedFile({ signer: identity }), store, machine).errno).toBe(errno);
  });

  it('preflight decides for each release by one verification', () => {
    const identity = one('sha384');
    const kernel = signedFile({ signer: identity });
    const trust = {
      store: storeOf({ builtin: [ca()] }, dbxOf(identity, false)),
      policy: 'as-kernel',
      hashes: nodeHashes,
    } as const;
    const request = {
      kernel,
      trust: { ...trust, verified: verifyForMachines(kernel, trust) },
      hashes: nodeHashes,
    };
    const verdicts = ['6.12.0', '7.0.0'].map((version) => {
      const result = kexecFileLoad(request, buildMachine({ ...release(version), ...force } as object));
      return 'refusal' in result ? result.refusal.errno : 'loads';
    });
    expect(verdicts).toEqual(['loads', 'EKEYREJECTED']);
  });
});

describe('keys of EFI variables that were recorded with a machine', () => {
  const planOn = (efiVariables: Record<string, Uint8Array>, ...more: string[]) => {
    const folder = makeTemporaryFolder();
    const [machine, kernel] = [join(folder, 'm.json'), join(folder, 'image')];
    writeFileSync(machine, formatMachine(buildMachine({ kexecSignature: 'force', efiVariables })));
    writeFileSync(kernel, signedFile());
    return runCli('plan', kernel, '--machine', machine, '--policy', 'as-kernel', ...more);
  };
  const variable = (...identities: Identity[]) =>
    Buffer.concat([
      Uint8Array.of(0x27, 0, 0, 0),
      buildEfiLists(
        ...identities.map(({ certificate }) => ({
          type: EFI_TYPE.x509,
          signatures: [{ data: certificate.der }],
        })),
      ),
    ]);

  it.each(['db', 'MokListRT'])('%s is trusted under as-kernel, as its kernel trusts it', (name) => {
    expect(planOn({ [name]: variable(ca()) }).status).toBe(0);
    expect(planOn({ [name]: variable(stranger()) }).stderr).toContain('ENOKEY');
  });

  it('dbx revokes', () => {
    const { stderr } = planOn({ db: variable(ca()), dbx: variable(signer()) });
    expect(stderr).toContain('EKEYREJECTED (blacklist)');
  });

  it('under enforce, db counts only if no certificate is given', () => {
    const certificate = join(makeTemporaryFolder(), 'stranger.der');
    writeFileSync(certificate, stranger().certificate.der);
    const enforce = ['--policy', 'enforce', '--cert', certificate];
    expect(planOn({ db: variable(ca()) }, ...enforce).stderr).toContain('ENOKEY');
    expect(planOn({ db: variable(ca()) }, '--cert', certificate).status).toBe(0);
  });
});

describe('a damaged PE file that the kernel loads', () => {
  const overlapping = () => {
    const file = signedFile();
    const { sectionTable } = layoutOf(file);
    const first = parsePe(file).sections[0]?.raw.start ?? 0;
    return withBytes(file, sectionTable + 40 + 20, u32le(first));
  };
  const inHeaders = () => withBytes(signedFile(), layoutOf(signedFile()).sectionTable + 20, u32le(0x20));
  const beyond = () => withBytes(buildImage(), layoutOf(buildImage()).sectionTable + 16, u32le(0x0fff_0000));
  const manyDirectories = () => withBytes(buildImage(), layoutOf(buildImage()).directoryCount, u32le(0x7fff));
  const secondEntry = () =>
    attach(buildImage(), [{ bytes: signedMessageBytes() }, { bytes: new Uint8Array(8), length: 0x4000 }]);
  const cutShort = () => buildImage().subarray(0, 0x200);

  it.each([
    ['sections that overlap', overlapping],
    ['a section in the headers', inHeaders],
    ['a section beyond the file', beyond],
    ['too many data directories', manyDirectories],
    ['a second certificate beyond the table', secondEntry],
    ['a file that is cut short', cutShort],
  ])('%s', (_, build) => {
    const kernel = build();
    const store = storeOf({ builtin: [ca()] });
    const result = load(kernel, store, {});
    expect(result.errno).toBe('loads');
    const notes = result.trail.filter(({ verdict }) => verdict === 'note').map(({ detail }) => detail);
    expect(notes.join('\n')).toContain(
      'the running kernel checks none of this and loads the file, which is damaged',
    );
    for (const policy of ['permissive', 'enforce'] as const) {
      const refused = load(kernel, store, {}, policy);
      expect(refused.errno).not.toBe('loads');
      if (policy === 'permissive') expect(refused.seen).toContain('the running kernel checks none of this');
    }
  });

  it("the exit code of plan is the kernel's verdict", () => {
    const path = join(makeTemporaryFolder(), 'image');
    writeFileSync(path, beyond());
    const { status, stdout } = runCli('plan', path, '--policy', 'as-kernel');
    expect(status).toBe(0);
    expect(stdout).toContain('the running kernel checks none of this and loads the file');
    const permissive = runCli('plan', path, '--policy', 'permissive');
    expect(permissive.status).toBe(1);
    expect(permissive.stderr).toContain('this project refuses it');
  });

  it('a file for which the kernel faults does not load', () => {
    const image = buildImage({ sections: ordinarySections() });
    const far = withBytes(image, layoutOf(image).sectionTable + 16, u32le(0x0fff_0000));
    const kernel = attach(far, [{ bytes: signedMessageBytes() }]);
    const { errno, seen } = load(kernel, storeOf({ builtin: [ca()] }), {});
    expect(errno).toBe('ELIBBAD');
    expect(seen).toContain("the machine's kernel faults on this file");
  });
});

/** The message of an ordinary signature, over an ordinary image. */
function signedMessageBytes(): Uint8Array {
  return parsePe(signedFile({ signer: signer() })).certificates[0]?.bytes ?? new Uint8Array();
}
