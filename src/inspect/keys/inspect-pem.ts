import { attempt, KexecError } from '../../base/error.js';
import { decodePemBlock, decodePemCertificate, type PemBlock, parsePem } from '../../formats/pem.js';
import { isPkcs7Block } from '../../formats/pkcs7-certificates.js';
import type { Hashes } from '../../trust/hashes.js';
import { SignatureChecks } from '../../trust/x509/signature-work.js';
import type { Facts } from '../facts.js';
import { describeCertificates } from './describe-certificate.js';
import { inspectPkcs7 } from './inspect-pkcs7.js';
import { describePrivateKey, PRIVATE_KEY_REMARK } from './inspect-private-key.js';

/** A bundle of all CAs of the web has some 150 blocks, each of which is verified. */
const MAX_BLOCKS = 1024;

/**
 * Inspects a PEM file, block by block: certificates, PKCS#7, and of private keys the kind alone.
 *
 * @throws KexecError EBADMSG, `pem`: a block does not end.
 */
export function inspectPem(file: Uint8Array, hashes: Hashes): Facts {
  const blocks = parsePem(file);
  const work = { hashes, checks: new SignatureChecks(hashes) };
  const hasKey = blocks.some(({ label }) => isPrivate(label));
  return {
    count: blocks.length,
    ...(blocks.length > MAX_BLOCKS ? { listed: `the first ${MAX_BLOCKS} blocks` } : {}),
    blocks: blocks.slice(0, MAX_BLOCKS).map((block) => inspectBlock(file, block, work)),
    ...(hasKey ? { remark: PRIVATE_KEY_REMARK } : {}),
  };
}

/** What all blocks of a file share. */
interface Work {
  readonly hashes: Hashes;
  readonly checks: SignatureChecks;
}

function isPrivate(label: string): boolean {
  return label.endsWith('PRIVATE KEY');
}

function inspectBlock(file: Uint8Array, block: PemBlock, work: Work): Facts {
  const { label, body } = block;
  if (isPrivate(label) && /^Proc-Type: 4,ENCRYPTED/m.test(body))
    return { label, encryption: /^DEK-Info: *([\w-]+)/m.exec(body)?.[1] ?? 'of an unknown kind' };
  if (label === 'OPENSSH PRIVATE KEY')
    return { label, form: 'of OpenSSH, which kexec-file sign does not take' };
  const facts = attempt(() => inspectContents(file, block, work));
  return facts instanceof KexecError ? { label, refused: facts.seen } : { label, ...facts };
}

function inspectContents(file: Uint8Array, block: PemBlock, { hashes, checks }: Work): Facts {
  const certificate = decodePemCertificate(file, block);
  if (certificate !== undefined) return describeCertificates([certificate], hashes, checks)[0] ?? {};
  const der = decodePemBlock(file, block);
  if (isPrivate(block.label)) return describePrivateKey(der) ?? { form: 'unknown' };
  return isPkcs7Block(block) ? inspectPkcs7(der, hashes, checks) : { bytes: der.length };
}
