import { formatSize } from '../../base/sizes.js';
import type { KdumpStatus } from '../../kdump/judge-status.js';
import type { KdumpProblem } from '../../kdump/kdump-problem.js';
import { type KdumpTestStep, listStopping } from '../../kdump/kdump-test-step.js';
import type { KdumpSettings } from '../../settings/kdump-settings.js';
import { formatShellCommand } from '../../vmcore/summary/gdb-arguments.js';
import type { ShownKdump } from '../json/kdump-json.js';
import { Layout, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** The width of the names at the start of a line. */
const NAME_WIDTH = 14;

/** The indent of what belongs to a line. */
const INDENT = 2;

/** What `kdump status` prints: the verdict, what is loaded, what a crash does, and what is wrong. */
export const formatKdumpStatus: View<[status: KdumpStatus, options?: ViewOptions]> = makeView(
  (status, options) => {
    const layout = new Layout(options);
    const { green, red } = layout.colors;
    const verdict = status.captures
      ? green('a crash would be captured')
      : red('a crash would not be captured');
    const isForeign = status.isLoaded && status.record === undefined;
    return [
      formatLine(
        layout,
        'kdump',
        isForeign && status.captures ? 'a crash kernel of another program is loaded' : verdict,
      ),
      formatLine(
        layout,
        'crash region',
        status.reserved === 0n ? 'none' : `${formatSize(status.reserved)} are reserved`,
      ),
      ...formatLoaded(layout, status),
      ...(isForeign ? [] : formatSaves(layout, status)),
      ...status.elsewhere.map((fact) => formatLine(layout, 'at a crash', fact)),
      ...status.problems.map((problem) => formatProblem(layout, problem)),
    ].join('\n');
  },
);

function formatLoaded(layout: Layout, { isLoaded, record }: KdumpStatus): string[] {
  if (!isLoaded) return [formatLine(layout, 'crash kernel', 'none is loaded')];
  if (record === undefined) return [formatLine(layout, 'crash kernel', 'loaded, not by kexec-file kdump')];
  const { kernel, initrd, release, time, commandLine } = record;
  const which = release === undefined ? kernel.path : `${kernel.path} (Linux ${release})`;
  const companion = initrd === undefined ? 'without an initrd' : `with ${initrd.path}`;
  return [
    formatLine(layout, 'crash kernel', `${which}, ${companion}, loaded by kexec-file at ${time}`),
    formatLine(layout, 'command line', commandLine),
  ];
}

function formatSaves(layout: Layout, { settings, free, estimate }: KdumpStatus): string[] {
  const room = [
    ...(free === undefined ? [] : [`${formatSize(free)} are free in ${settings.path}`]),
    ...(estimate === undefined
      ? []
      : [
          `a dump would now take at most ${formatSize(estimate.atMost)} of ${formatSize(estimate.memory)}, before compression`,
        ]),
  ];
  return [
    formatLine(layout, 'at a crash', describeSave(settings)),
    ...(room.length === 0 ? [] : [formatLine(layout, 'room', room.join('; '))]),
  ];
}

const ENDS: Readonly<Record<KdumpSettings['after'], string>> = {
  reboot: 'the machine restarts',
  poweroff: 'the machine is powered off',
  shell: 'a shell starts on the console',
};

function describeSave({ path, filter, compress, after, keep }: KdumpSettings): string {
  const pages = filter === 'none' || filter === '0' ? 'all pages' : `pages (left out: ${filter})`;
  const kept = keep === 0 ? '' : `; ${keep === 1 ? 'one dump stays' : `${keep} dumps stay`}`;
  return `the log, then ${pages} compressed by ${compress}, are saved in ${path}/DATE-TIME; then ${ENDS[after]}${kept}`;
}

function formatProblem(layout: Layout, { severity, what, cure }: KdumpProblem): string {
  const { red, yellow } = layout.colors;
  const name = severity === 'stops' ? red('problem') : yellow('warning');
  return [formatLine(layout, name, what), ...formatCure(layout, cure)].join('\n');
}

function formatCure(layout: Layout, cure: string | undefined): string[] {
  return cure === undefined
    ? []
    : [layout.hang(`${' '.repeat(INDENT)}cure${' '.repeat(NAME_WIDTH - 4 - INDENT)}`, cure)];
}

/** @param name - may have colours, which take no columns */
function formatLine(layout: Layout, name: string, text: string): string {
  return layout.hang(layout.row([name, ''], [NAME_WIDTH - 2, 0]).padEnd(NAME_WIDTH), text);
}

/** What `kdump show` prints: the settings in effect, and the command that loads the same. */
export const formatKdumpShow: View<[shown: ShownKdump, options?: ViewOptions]> = makeView(
  (shown, options) => {
    const layout = new Layout(options);
    const { settingsPath, settings, kernel, initrd, commandLine, load } = shown;
    return [
      formatLine(layout, 'settings', settingsPath),
      formatLine(layout, 'kernel', kernel),
      formatLine(layout, 'initrd', initrd ?? 'none'),
      formatLine(layout, 'command line', commandLine),
      formatLine(layout, 'at a crash', describeSave(settings)),
      '',
      // Not broken into lines: it is for a shell.
      formatShellCommand('kexec-file', load),
    ].join('\n');
  },
);

/** What `kdump test` prints: each part of the way from a crash to its dump, and the verdict. */
export const formatKdumpTest: View<[steps: readonly KdumpTestStep[], options?: ViewOptions]> = makeView(
  (steps, options) => {
    const layout = new Layout(options);
    const { green, red, yellow, cyan } = layout.colors;
    const paint = { fine: green, warns: yellow, stops: red, unknown: cyan };
    const words = { fine: 'ok', warns: 'warning', stops: 'problem', unknown: 'unknown' };
    const lines = steps.flatMap(({ part, verdict, detail, cure }) => [
      formatLine(layout, part, `${paint[verdict](words[verdict])}: ${detail}`),
      ...formatCure(layout, cure),
    ]);
    const count = listStopping(steps).length;
    const verdict =
      count === 0
        ? green('nothing was found that keeps a crash from being captured')
        : red(`${count === 1 ? '1 problem keeps' : `${count} problems keep`} a crash from being captured`);
    return [...lines, '', formatLine(layout, 'kdump', verdict)].join('\n');
  },
);
