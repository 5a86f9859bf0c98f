import { ERRNO, ERRNO_TEXT, type Errno } from '../../base/errno.js';
import type { ErrnoCause } from '../../explain/causes/errno-causes.js';
import type { NamedCheck } from '../../explain/explanation.js';
import { LABEL_WIDTH, type Layout } from './layout.js';

/** The column of the labels below a check. */
const LABEL_COLUMN = 4;

/** The column at which further lines of a check's text begin. */
export const CHECK_INDENT = LABEL_COLUMN + LABEL_WIDTH;

/** A check in full: what was seen, the rule, its source, and the cure. */
export function formatCheck(
  { check, group, rule, source, cure, causes = [] }: NamedCheck & { readonly causes?: readonly ErrnoCause[] },
  seen: string | undefined,
  layout: Layout,
): string {
  const { red, dim, bold } = layout.colors;
  return [
    `  ${red(check)} (${group})`,
    ...(seen === undefined ? [] : [layout.label(LABEL_COLUMN, 'seen', seen)]),
    layout.label(LABEL_COLUMN, 'rule', rule),
    dim(layout.label(LABEL_COLUMN, 'from', source)),
    ...(causes.length > 1
      ? formatCauses(causes, LABEL_COLUMN, layout)
      : [layout.label(LABEL_COLUMN, 'cure', cure, bold)]),
  ].join('\n');
}

/** The causes of one check, each with its cure. */
export function formatCauses(causes: readonly ErrnoCause[], column: number, layout: Layout): string[] {
  return causes.flatMap(({ cause, cure }) => [
    layout.label(column, 'if', cause),
    layout.label(column, 'cure', cure),
  ]);
}

/** An errno's name, its number, and the text that perror(3) prints: `EINVAL (22, Invalid argument)`. */
export function formatErrno(errno: Errno): string {
  return `${errno} (${ERRNO[errno]}, ${ERRNO_TEXT[errno]})`;
}
