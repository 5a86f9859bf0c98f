/** Signatures, certificates and keys, and the files that hold them. */
import { readFileSync } from 'node:fs';
import { listElements } from '../../../src/formats/der-elements.js';
import { parseEfiSignatureLists } from '../../../src/formats/efi-signature-list.js';
import { parseEfiVariable, parseEfiVariableUpdate } from '../../../src/formats/efivar.js';
import { parseImaXattr } from '../../../src/formats/ima-xattr.js';
import { parsePem, parsePemCertificates } from '../../../src/formats/pem.js';
import { parsePkcs7Bundle } from '../../../src/formats/pkcs7-certificates.js';
import { parsePkcs11Uri } from '../../../src/formats/pkcs11-uri.js';
import { parsePkcs12 } from '../../../src/formats/pkcs12.js';
import { parseVendorCert } from '../../../src/formats/vendor-cert.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { findAppraiseRules } from '../../../src/trust/ima/policy-rules.js';
import { parseKeyringFile } from '../../../src/trust/keyrings/keyring-file.js';
import { buildTrustStore } from '../../../src/trust/keyrings/trust-store.js';
import { parseIndirectData } from '../../../src/trust/pe/mscode.js';
import { parsePkcs7 } from '../../../src/trust/pkcs7/parse-message.js';
import { listSignatures } from '../../../src/trust/sign/list.js';
import { verify } from '../../../src/trust/verify-signature.js';
import { parseCertificate } from '../../../src/trust/x509/certificate.js';
import { signedFile, signedMessage } from '../../conformance/authenticode.js';
import { ecSigner, leaf, signer } from '../../conformance/identities.js';
import { buildEfiLists, EFI_TYPE } from '../../support/efi.js';
import { applyEdits, encodeEdit } from '../edits.js';
import { type FuzzTarget, type FuzzTargets, readersTarget, textTarget } from '../fuzz-target.js';

const CA_FILE = 'test/conformance/oracle-ca.pem';

const certificates = (): Uint8Array[] =>
  [signer(), ecSigner('p384'), leaf()].map(({ certificate }) => certificate.der);

const lists = (): Uint8Array =>
  buildEfiLists(
    { type: EFI_TYPE.x509, signatures: [{ data: certificates()[0] as Uint8Array }] },
    {
      type: EFI_TYPE.sha256,
      signatures: [{ data: new Uint8Array(32) }, { data: new Uint8Array(32).fill(1) }],
    },
  );

const readPem = (): Uint8Array => new Uint8Array(readFileSync(CA_FILE));

/** By name. */
export const SIGNATURE_TARGETS: FuzzTargets = {
  certificate: readersTarget(certificates, (der) => parseCertificate(der, nodeHashes), listElements),
  'pkcs7-message': readersTarget(
    () => [signedMessage(), signedMessage({ signer: ecSigner('p256') })],
    (message) => parsePkcs7(message, nodeHashes),
    parsePkcs7Bundle,
  ),
  'indirect-data': readersTarget(() => [new Uint8Array(40)], parseIndirectData),
  'signature-list': readersTarget(() => [lists()], parseEfiSignatureLists, parseVendorCert),
  'efi-variable': readersTarget(
    () => [Uint8Array.of(39, 0, 0, 0, ...lists())],
    parseEfiVariable,
    parseEfiVariableUpdate,
  ),
  keyring: readersTarget(
    () => [readPem(), ...certificates(), lists(), Uint8Array.of(39, 0, 0, 0, ...lists())],
    (bytes) => {
      const file = parseKeyringFile(bytes);
      buildTrustStore([{ name: 'keyring', keyring: 'builtin', file }], nodeHashes);
    },
    (bytes) => parseKeyringFile(bytes, 'revoke'),
    parsePem,
    parsePemCertificates,
  ),
  pkcs12: readersTarget(() => certificates().slice(0, 1), parsePkcs12),
  'ima-xattr': readersTarget(() => [Uint8Array.of(3, 2, 4, 1, 2, 3, 4, 0, 1, 9)], parseImaXattr),
  'ima-policy': textTarget(
    (text) => findAppraiseRules(text, 'KEXEC_KERNEL_CHECK'),
    'appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig|modsig\ndont_appraise fsmagic=0x9fa0\n',
  ),
  'pkcs11-uri': textTarget(parsePkcs11Uri, 'pkcs11:token=a%20b;object=key;type=private?pin-value=1'),
  'signed-file': signedFileTarget(),
};

/** Changes to a signed file. None may be trusted that has another digest than the file that was signed. */
function signedFileTarget(): FuzzTarget {
  const original = signedFile();
  const trust = buildTrustStore(
    [{ name: CA_FILE, keyring: 'builtin', file: parseKeyringFile(readPem()) }],
    nodeHashes,
  );
  const { digest } = verify(original, { trust, hashes: nodeHashes });
  return {
    seeds: () => [new Uint8Array(0), encodeEdit(0x100, 1, 2), encodeEdit(original.length - 40, 3)],
    run(edits) {
      const file = applyEdits(original, edits);
      const verdict = verify(file, { trust, hashes: nodeHashes });
      if (verdict.verdict === 'ok' && verdict.digest !== digest)
        throw new Error(`a file with the digest ${verdict.digest} is trusted`);
      listSignatures(file, nodeHashes);
    },
  };
}
