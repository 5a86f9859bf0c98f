import { KexecError } from '../../base/error.js';
import type { BootMenu, ListedEntry } from '../../boot-entry/boot-entry.js';
import { Layout, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** The entries of a boot loader: the default one is marked, with the reason. */
export const formatBootEntries: View<[menu: BootMenu, options?: ViewOptions]> = makeView((menu, options) => {
  const layout = new Layout(options);
  const chosen = menu.default instanceof KexecError ? undefined : menu.default;
  const lines = [
    layout.line(`boot loader: ${menu.loader}`, 2),
    layout.line(`default: ${describeDefault(menu)}`, 2),
    ...menu.entries.flatMap((entry) => ['', ...formatEntry(layout, entry, isSame(entry, chosen?.entry))]),
  ];
  return lines.join('\n');
});

/** The default entry is a copy of the one in the list, if it contains text that was escaped. */
function isSame(entry: ListedEntry, other: ListedEntry | undefined): boolean {
  return entry.id === other?.id && entry.source === other.source;
}

function describeDefault({ default: chosen }: BootMenu): string {
  if (chosen instanceof KexecError) return `unknown: ${chosen.seen}`;
  return `${chosen.entry.id}, ${chosen.reason}`;
}

function formatEntry(
  layout: Layout,
  { id, title, source, starts }: ListedEntry,
  isDefault: boolean,
): string[] {
  const head = `${isDefault ? '* ' : '  '}${id}${title === undefined || title === id ? '' : ` (${title})`}`;
  const facts =
    starts instanceof KexecError
      ? [['cannot be loaded', starts.seen]]
      : [
          ['kernel', starts.kernel],
          ...starts.initrds.map((path) => ['initrd', path]),
          ...(starts.commandLine === undefined ? [] : [['command line', starts.commandLine]]),
          ...(starts.deviceTree === undefined
            ? []
            : [['device tree', `${starts.deviceTree} (the running one is used)`]]),
          ...(starts.notes ?? []).map((note) => ['note', note]),
        ];
  const lines = [...facts, ['source', source]].map(([name, value]) =>
    layout.line(`    ${name}: ${value}`, 6),
  );
  return [layout.line(head, 4), ...lines];
}
