import { readFileSync } from 'node:fs';
import { ERRNO } from '../../src/base/error.js';
import { nodeHashes } from '../../src/node/codecs/node-hashes.js';
import { addSignature } from '../../src/trust/sign/attach.js';
import { SIGNING_HASHES, type SigningHash } from '../../src/trust/sign/content.js';
import { prepareSignature } from '../../src/trust/sign/prepare.js';
import { ML_DSA_NAMES } from '../../src/trust/x509/ml-dsa-names.js';
import { runOracle } from '../support/oracle/ask.js';
import type { Oracle } from '../support/oracle/oracle.js';
import { deriveMlDsaKey } from '../support/test-keys.js';
import { type Identity, issue } from './certificates.js';
import { ca, ecSigner, signer, stranger } from './identities.js';

/**
 * Asks the oracle about our own signatures. Under lockdown, it must load its own kernel with every kind of signature
 * that we make with a trusted key, and refuse the kernel if it is unsigned, modified, or signed with an untrusted key.
 * Linux before 7.0 must refuse signatures by ML-DSA, which it does not know.
 *
 * @returns what differs from that, in words
 */
export async function askAboutOurSignatures(oracle: Oracle): Promise<string[]> {
  const image = new Uint8Array(readFileSync(oracle.image));
  const ours = SIGNING_HASHES.flatMap((hash) => [
    { name: `RSA, ${hash}`, file: sign(image, signer(), hash), expected: 0 },
    { name: `P-256, ${hash}`, file: sign(image, ecSigner('p256'), hash), expected: 0 },
    { name: `P-384, ${hash}`, file: sign(image, ecSigner('p384'), hash), expected: 0 },
  ]);
  const ofMlDsa = ML_DSA_NAMES.map((name) => {
    const identity = issue(`signer ${name}`, deriveMlDsaKey('kexec-file conformance lockdown', name), ca());
    const expected = oracle.release === '6.12' ? ERRNO.EPERM : 0;
    return { name, file: sign(image, identity, 'sha512'), expected };
  });
  const cases = [
    { name: 'unsigned', file: image, expected: ERRNO.EPERM },
    ...ours,
    ...ofMlDsa,
    { name: "a stranger's", file: sign(image, stranger(), 'sha256'), expected: ERRNO.EPERM },
    { name: 'tampered with', file: tamper(sign(image, signer(), 'sha256')), expected: ERRNO.EPERM },
  ];
  const requests = cases.map(({ file }) => ({ kernel: file }));
  const { answers } = await runOracle(oracle, [{ lockdown: 'integrity' }, ...requests]);
  return cases.flatMap(({ name, expected }, index) => {
    const result = answers[index + 1]?.result;
    return result === expected
      ? []
      : [`${name}: the oracle under lockdown answers ${result}, not ${expected}`];
  });
}

/** Signs a kernel as `kexec-file sign` does. */
export function sign(file: Uint8Array, { key, certificate }: Identity, hash: SigningHash): Uint8Array {
  const options = { certificate: certificate.der, hash, validAt: new Date() };
  const prepared = prepareSignature(file, options, nodeHashes);
  const message = prepared.finish(key.sign(hash, prepared.attributes));
  return addSignature(file, message, { append: false });
}

/** Flips one bit that the signature covers. */
function tamper(file: Uint8Array): Uint8Array {
  const middle = file.length >> 1;
  file[middle] = (file[middle] ?? 0) ^ 1;
  return file;
}
