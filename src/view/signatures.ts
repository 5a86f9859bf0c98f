import { createColors } from 'picocolors';
import { toHex } from '../base/bytes.js';
import { hex } from '../base/u64.js';
import { IGNORED_SIGNATURE_WARNING, type ListedSignature, type ListedSigner } from '../trust/sign/list.js';
import { refusalJson } from './plan-json.js';

/** Signatures as `signature list --json` prints them. Offsets and sizes are "0x…". */
export function signaturesJson(signatures: readonly ListedSignature[]): object[] {
  return signatures.map(({ index, isFirst, certificate, content, signers, problem }) => ({
    index,
    offset: hex(certificate.range.start),
    length: hex(certificate.length),
    revision: hex(certificate.revision),
    type: certificate.type,
    ...(content === undefined ? {} : { digest: { algorithm: content.hash, value: toHex(content.digest) } }),
    signers: signers.map(signerJson),
    ...(problem === undefined ? {} : { problem: refusalJson(problem) }),
    ...(isFirst ? {} : { warning: IGNORED_SIGNATURE_WARNING }),
  }));
}

function signerJson({ hash, algorithm, signingTime, certificate }: ListedSigner): object {
  return {
    ...(certificate === undefined ? {} : { ...certificate, serial: toHex(certificate.serial) }),
    algorithm,
    digest: hash,
    ...(signingTime === undefined ? {} : { signingTime: timeText(signingTime) }),
  };
}

/** Signatures as lines: where each is, who made it, and what the kernel thinks of its place. */
export function signaturesText(
  signatures: readonly ListedSignature[],
  { color }: { color: boolean },
): string {
  const { yellow } = createColors(color);
  return signatures
    .flatMap(({ index, isFirst, certificate, content, signers, problem }) => [
      `  ${index}  ${hex(certificate.length)} bytes at ${hex(certificate.range.start)}, type ${certificate.type}`,
      ...signers.flatMap(signerLines),
      ...(content === undefined ? [] : [`     digest   ${content.hash} ${toHex(content.digest)}`]),
      ...(problem === undefined ? [] : [`     ${yellow('unread')}   ${problem.errno}: ${problem.seen}`]),
      ...(isFirst ? [] : [`     ${yellow('warning')}  ${IGNORED_SIGNATURE_WARNING}`]),
    ])
    .join('\n');
}

function signerLines({ hash, algorithm, signingTime, certificate }: ListedSigner): string[] {
  return [
    ...(certificate === undefined
      ? ['     subject  unknown: the certificate is not in the signature']
      : [
          `     subject  ${certificate.subject}`,
          `     issuer   ${certificate.issuer}`,
          `     serial   ${toHex(certificate.serial)}`,
        ]),
    `     signed   ${algorithm} with ${hash}${signingTime === undefined ? '' : `, ${timeText(signingTime)}`}`,
  ];
}

/** Seconds since 1970 as ISO 8601 has them. */
function timeText(seconds: bigint): string {
  return new Date(Number(seconds) * 1000).toISOString().replace('.000Z', 'Z');
}
