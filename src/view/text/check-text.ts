import type { createColors } from 'picocolors';
import { ERRNO, ERRNO_TEXT, type Errno } from '../../base/errno.js';
import type { ErrnoCause } from '../../explain/causes/errno-causes.js';
import type { NamedCheck } from '../../explain/explanation.js';
import { formatLabelled, LABEL_WIDTH } from './wrap-text.js';

export type Colors = ReturnType<typeof createColors>;

/** The column of the labels below a check. */
const LABEL_COLUMN = 4;

/** The column at which further lines of a check's text begin. */
export const CHECK_INDENT = LABEL_COLUMN + LABEL_WIDTH;

/** A check in full: what was seen, the rule, its source, and the cure. */
export function formatCheck(
  { check, group, rule, source, cure, causes = [] }: NamedCheck & { readonly causes?: readonly ErrnoCause[] },
  seen: string | undefined,
  colors: Colors,
): string {
  return [
    `  ${colors.red(check)} (${group})`,
    ...(seen === undefined ? [] : [formatLabelled(LABEL_COLUMN, 'seen', seen)]),
    formatLabelled(LABEL_COLUMN, 'rule', rule),
    colors.dim(formatLabelled(LABEL_COLUMN, 'from', source)),
    ...(causes.length > 1
      ? formatCauses(causes, LABEL_COLUMN)
      : [formatLabelled(LABEL_COLUMN, 'cure', cure, colors.bold)]),
  ].join('\n');
}

/** The causes of one check, each with its cure. */
export function formatCauses(causes: readonly ErrnoCause[], column: number): string[] {
  return causes.flatMap(({ cause, cure }) => [
    formatLabelled(column, 'if', cause),
    formatLabelled(column, 'cure', cure),
  ]);
}

/** An errno's name, its number, and the text that perror(3) prints: `EINVAL (22, Invalid argument)`. */
export function formatErrno(errno: Errno): string {
  return `${errno} (${ERRNO[errno]}, ${ERRNO_TEXT[errno]})`;
}
