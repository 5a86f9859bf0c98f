import type { createColors } from 'picocolors';
import { ERRNO, ERRNO_TEXT, type Errno } from '../../base/errno.js';
import type { NamedCheck } from '../../explain/explanation.js';
import { wrapText } from './wrap-text.js';

export type Colors = ReturnType<typeof createColors>;

/** The column at which further lines of a check's text begin. */
export const CHECK_INDENT = 10;

/** A check in full: what was seen, the rule, its source, and the cure. */
export function formatCheck(
  { check, group, rule, source, cure }: NamedCheck,
  seen: string | undefined,
  colors: Colors,
): string {
  const formatLine = (name: string, text: string): string =>
    `    ${name}  ${wrapText(text, CHECK_INDENT, CHECK_INDENT)}`;
  return [
    `  ${colors.red(check)} (${group})`,
    ...(seen === undefined ? [] : [formatLine('seen', seen)]),
    formatLine('rule', rule),
    colors.dim(formatLine('from', source)),
    `    ${colors.bold('cure')}  ${wrapText(cure, CHECK_INDENT, CHECK_INDENT)}`,
  ].join('\n');
}

/** An errno's name, its number, and the text that perror(3) prints: `EINVAL (22, Invalid argument)`. */
export function formatErrno(errno: Errno): string {
  return `${errno} (${ERRNO[errno]}, ${ERRNO_TEXT[errno]})`;
}
