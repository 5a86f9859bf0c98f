import { toHex } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { IGNORED_SIGNATURE_WARNING, type ListedSignature, type ListedSigner } from '../../trust/sign/list.js';
import { formatTime } from '../time.js';
import { buildRefusalJson } from './refusal-json.js';
import type { Report } from './schemas/report-schemas.js';

/** What `signature list --json` prints. Offsets and sizes are "0x…", in bytes. */
export function buildSignaturesJson(
  signatures: readonly ListedSignature[],
): Report<'signature-list'>['signatures'] {
  return signatures.map(({ index, isFirst, certificate, content, signers, problem }) => ({
    index,
    offset: hex(certificate.range.start),
    length: hex(certificate.length),
    revision: hex(certificate.revision),
    type: certificate.type,
    ...(content === undefined ? {} : { digest: { algorithm: content.hash, value: toHex(content.digest) } }),
    signers: signers.map(buildSignerJson),
    ...(problem === undefined ? {} : { problem: buildRefusalJson(problem) }),
    ...(isFirst ? {} : { warning: IGNORED_SIGNATURE_WARNING }),
  }));
}

function buildSignerJson({
  hash,
  algorithm,
  signingTime,
  certificate,
}: ListedSigner): Report<'signature-list'>['signatures'][number]['signers'][number] {
  return {
    ...(certificate === undefined ? {} : { ...certificate, serial: toHex(certificate.serial) }),
    algorithm,
    digest: hash,
    ...(signingTime === undefined ? {} : { signingTime: formatTime(Number(signingTime)) }),
  };
}
