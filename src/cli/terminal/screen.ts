/** How text for people is printed on standard output and standard error: its colours and its width. */
import type { ViewOptions } from '../../view/text/layout.js';

/** When colours are printed. */
export const COLOR_CHOICES = ['auto', 'always', 'never'] as const;
export type ColorChoice = (typeof COLOR_CHOICES)[number];

/** Longer lines are hard to read, however wide the terminal is. */
export const MAX_COLUMNS = 120;

/** In a narrower terminal, tables would have no room. */
const MIN_COLUMNS = 40;

/** What the choice of colours and width depends on. */
export interface Stream {
  readonly isTTY?: boolean | undefined;
  /** Of a terminal; 0 if it does not say. */
  readonly columns?: number | undefined;
}

let choice: ColorChoice = 'auto';

/** Takes the value of `--color`, which goes before the environment. */
export function chooseColor(chosen: ColorChoice): void {
  choice = chosen;
}

/** The options of views for standard output. */
export function outputView(): ViewOptions {
  return findView(process.stdout);
}

/** The options of views for standard error. */
export function errorView(): ViewOptions {
  return findView(process.stderr);
}

function findView(stream: Stream): ViewOptions {
  return { color: usesColor(stream, process.env, choice), columns: findColumns(stream, process.env) };
}

/**
 * Decides about colours for one stream. `--color` goes first, then NO_COLOR (https://no-color.org), then FORCE_COLOR,
 * of which 0 and false switch colours off, then TERM=dumb; else a terminal gets colours.
 */
export function usesColor(stream: Stream, env: NodeJS.ProcessEnv, chosen: ColorChoice): boolean {
  if (chosen !== 'auto') return chosen === 'always';
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return !['0', 'false'].includes(env.FORCE_COLOR);
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/**
 * The width of a terminal, within bounds. Without one, COLUMNS decides, so that a search of the output can ask for
 * whole lines.
 *
 * @returns undefined, the views' default, without a terminal and COLUMNS
 */
export function findColumns({ columns = 0 }: Stream, env: NodeJS.ProcessEnv): number | undefined {
  if (columns > 0) return Math.min(Math.max(columns, MIN_COLUMNS), MAX_COLUMNS);
  const asked = /^\d{1,9}$/.test(env.COLUMNS ?? '') ? Number(env.COLUMNS) : 0;
  return asked > 0 ? Math.max(asked, MIN_COLUMNS) : undefined;
}
