/** The work that a signature or a keyring asks for is bounded by its own size. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import type { EcdsaClaim, Hashes, HashName } from '../../src/trust/hashes.js';
import { parseKeyringFile } from '../../src/trust/keyrings/keyring-file.js';
import { buildTrustStore } from '../../src/trust/keyrings/trust-store.js';
import { parsePefile } from '../../src/trust/pe/pefile.js';
import { parsePkcs7 } from '../../src/trust/pkcs7/parse-message.js';
import { portableHashes } from '../../src/trust/portable-hashes.js';
import { listSignatures } from '../../src/trust/sign/list.js';
import { verify } from '../../src/trust/verify-signature.js';
import { attachMessage, signedFile, signedMessage } from '../conformance/authenticode.js';
import { type Identity, issue, issueSelfSigned } from '../conformance/certificates.js';
import { ca, ecKey, signer } from '../conformance/identities.js';
import { buildImage } from '../conformance/image.js';
import { runCli } from '../support/cli.js';
import { buildEfiLists, EFI_TYPE } from '../support/efi.js';
import { catchRefusal } from '../support/hostile.js';

const CASE = 'test/cases/attack/01-pkcs7-quadratic';

/** Node's digests, with a record of the work that is asked of them. */
function countWork(): { hashes: Hashes; claims: EcdsaClaim[]; digested: Map<HashName, number> } {
  const claims: EcdsaClaim[] = [];
  const digested = new Map<HashName, number>();
  const create = (name: HashName) => {
    const hash = nodeHashes(name);
    return (
      hash && {
        ...hash,
        update: (bytes: Uint8Array) => {
          digested.set(name, (digested.get(name) ?? 0) + bytes.length);
          hash.update(bytes);
        },
      }
    );
  };
  const confirmEcdsa = (claim: EcdsaClaim) => {
    claims.push(claim);
    return nodeHashes.confirmEcdsa?.(claim) ?? false;
  };
  return { hashes: Object.assign(create, { confirmEcdsa }), claims, digested };
}

function trust(...identities: readonly Identity[]) {
  const sources = identities.map(({ certificate }) => ({
    name: 'ca.der',
    keyring: 'builtin' as const,
    file: parseKeyringFile(certificate.der),
  }));
  return buildTrustStore(sources, nodeHashes);
}

/** A chain of certificates, each by the one before it, the signer last. */
function buildChain(length: number, root: Identity): Identity[] {
  const chain: Identity[] = [];
  for (let index = 0; index < length; index += 1) {
    chain.push(issue(`c${index}`, ecKey(`link ${index}`, 'p256'), chain.at(-1) ?? root));
  }
  return chain;
}

const derOf = ({ certificate }: Identity) => certificate.der;

describe('attack/01: 64 KiB of PKCS#7, in which every signer leads through every certificate', () => {
  it('is refused for want of trust, with the signer named', () => {
    const { status, stderr } = runCli('verify', `${CASE}/dos-p521`, '--cert', `${CASE}/good.pem`);
    expect(status).toBe(1);
    expect(stderr).toContain('ENOKEY (trust): signed by "26", whose chain ends at ');
    expect(stderr).toContain('the one trusted certificate is Good Vendor (builtin)');
  });

  it('each certificate and each signer is verified once', () => {
    const file = new Uint8Array(readFileSync(`${CASE}/dos-p521`));
    const { certificates, signers } = parsePkcs7(parsePefile(file).signature, nodeHashes);
    const { hashes, claims } = countWork();
    const store = { ...trust(), blacklist: { ...trust().blacklist, certificates: [...certificates] } };
    expect(verify(file, { trust: store, hashes }).errno).toBe('EKEYREJECTED');
    expect(claims.length).toBeLessThanOrEqual(2 * (certificates.length + signers.length));
  });

  it('in a browser, without native code, ends at the bound', () => {
    const file = new Uint8Array(readFileSync(`${CASE}/dos-p521`));
    expect(verify(file, { trust: trust(), hashes: portableHashes })).toMatchObject({
      verdict: 'refused',
      errno: expect.stringMatching(/^(ENOKEY|EMSGSIZE)$/),
    });
  });
});

describe('of its kind', () => {
  it('a long chain of one signer is verified, and leads to its root', () => {
    const chain = buildChain(60, ca());
    const file = signedFile({ signer: chain.at(-1) as Identity, certificates: chain.map(derOf) });
    const { hashes, claims } = countWork();
    expect(verify(file, { trust: trust(ca()), hashes }).verdict).toBe('ok');
    expect(claims).toHaveLength(60 + 1);
  });

  it('a hundred signers of one certificate, by one long chain', () => {
    const chain = buildChain(40, ca());
    const one = chain.at(-1) as Identity;
    const signers = Array.from({ length: 100 }, () => ({}));
    const file = signedFile({ signer: one, signers, certificates: chain.map(derOf) });
    const { hashes, claims, digested } = countWork();
    expect(verify(file, { trust: trust(ca()), hashes }).verdict).toBe('ok');
    expect(claims).toHaveLength(40 + 100);
    // The content, the certificates and the attributes are digested once.
    expect(digested.get('sha256')).toBeLessThan(4 * file.length);
  });

  it('sixty-four signatures of a file share one bound', () => {
    const certificates = Array.from({ length: 12 }, (_, index) =>
      derOf(issueSelfSigned(`s${index}`, ecKey(`${index % 2}`, 'p521'))),
    );
    const message = signedMessage({ certificates });
    const file = attachMessage(buildImage(), ...Array.from({ length: 64 }, () => message));
    const listed = listSignatures(file, portableHashes);
    expect(listed).toHaveLength(64);
    expect(listed[0]?.problem).toBeUndefined();
    expect(listed.at(-1)?.problem).toMatchObject({ check: 'signature-work', errno: 'EMSGSIZE' });
  });

  it('a keyring of many self-signed certificates ends at the bound', () => {
    const identities = Array.from({ length: 200 }, (_, index) =>
      derOf(issueSelfSigned(`k${index}`, ecKey(`${index % 2}`, 'p521'))),
    );
    const size = Math.max(...identities.map(({ length }) => length));
    const lists = identities.map((data) => ({ type: EFI_TYPE.x509, signatures: [{ data }] }));
    expect(size).toBeLessThan(1024);
    const file = parseKeyringFile(buildEfiLists(...lists));
    const sources = [{ name: 'db.esl', keyring: 'platform' as const, file }];
    expect(catchRefusal(() => buildTrustStore(sources, portableHashes))).toMatchObject({
      check: 'signature-work',
      errno: 'EMSGSIZE',
    });
    expect(buildTrustStore(sources, nodeHashes).keyrings[3]?.certificates).toHaveLength(200);
  });

  it('the bound leaves room for real messages: three signers, RSA and ECDSA, without native code', () => {
    const identities = [
      signer(),
      issue('e1', ecKey('e1', 'p521'), ca()),
      issue('e2', ecKey('e2', 'p384'), ca()),
    ];
    const signers = identities.map((one) => ({ signer: one }));
    const file = signedFile({ signers, certificates: identities.map(derOf) });
    expect(verify(file, { trust: trust(ca()), hashes: portableHashes }).verdict).toBe('ok');
  });
});
