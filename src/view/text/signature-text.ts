import { createColors } from 'picocolors';
import { toHex } from '../../base/bytes.js';
import { hex } from '../../base/u64.js';
import { IGNORED_SIGNATURE_WARNING, type ListedSignature, type ListedSigner } from '../../trust/sign/list.js';
import { formatTime } from '../time.js';
import { makeView, type View } from './make-view.js';

/** What `signature list` prints: where each signature is, who made it, and whether the kernel uses it. */
export const formatSignatures: View<
  [signatures: readonly ListedSignature[], options: { readonly color: boolean }]
> = makeView((signatures, { color }) => {
  const { yellow } = createColors(color);
  return signatures
    .flatMap(({ index, isFirst, certificate, content, signers, problem }) => [
      `  ${index}  ${hex(certificate.length)} bytes at ${hex(certificate.range.start)}, type ${certificate.type}`,
      ...signers.flatMap(formatSigner),
      ...(content === undefined ? [] : [`     digest   ${content.hash} ${toHex(content.digest)}`]),
      ...(problem === undefined ? [] : [`     ${yellow('unread')}   ${problem.errno}: ${problem.seen}`]),
      ...(isFirst ? [] : [`     ${yellow('warning')}  ${IGNORED_SIGNATURE_WARNING}`]),
    ])
    .join('\n');
});

function formatSigner({ hash, algorithm, signingTime, certificate }: ListedSigner): string[] {
  const when = signingTime === undefined ? '' : `, ${formatTime(Number(signingTime))}`;
  return [
    ...(certificate === undefined
      ? ['     subject  unknown: the certificate is not in the signature']
      : [
          `     subject  ${certificate.subject}`,
          `     issuer   ${certificate.issuer}`,
          `     serial   ${toHex(certificate.serial)}`,
        ]),
    `     signed   ${algorithm} with ${hash}${when}`,
  ];
}
