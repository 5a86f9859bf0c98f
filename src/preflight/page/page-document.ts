import type { FleetDocument } from '../formats/fleet-document.js';
import type { PreflightKernel } from '../kernel-facts.js';
import { OutcomeGroups } from '../shapes/outcome-groups.js';
import type { PreflightColumns } from '../wording.js';
import {
  formatPageEnd,
  formatPageRow,
  formatPageStart,
  MAX_PAGE_ROWS,
  type PreflightPageOptions,
} from './page-html.js';

/** The load that a page is about. Files have the names that the page shows. */
export interface PageLoad extends PreflightColumns {
  readonly kernel: PreflightKernel;
  /** The kernel's file without folders. */
  readonly title: string;
  /** The text for the initrd; undefined without one. */
  readonly initrd: string | undefined;
  readonly commandLine: string | undefined;
  /** What the fleet is compared with; undefined if it is not compared. */
  readonly against?: string | undefined;
  /** Of this program. */
  readonly version: string;
}

/** What a page shows of a load. */
export function listPageOptions(load: PageLoad): PreflightPageOptions {
  const { kernel, title, initrd, commandLine, against, version, hasInitrd, isCrash } = load;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Date', `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`],
    ['kexec-file', version],
    ['Kernel', kernel.file],
    ['Release', kernel.release ?? 'unknown'],
    ['SHA-256', kernel.sha256],
    ['Signed by', kernel.signer ?? 'nobody'],
    ['Policy', kernel.policy ?? 'none: signatures do not count'],
    ['Initrd', initrd],
    ['Command line', commandLine],
    ['Loaded', isCrash ? 'as a crash kernel' : undefined],
    ['Compared with', against],
  ];
  return {
    kernel: title,
    facts: facts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])),
    isCompared: against !== undefined,
    hasInitrd,
    isCrash,
  };
}

/** The page with what it shows of the load. */
export function buildPage(options: PreflightPageOptions): FleetDocument {
  const groups = new OutcomeGroups();
  let rows = 0;
  return {
    start: ({ summary, changes }) =>
      formatPageStart(summary, { ...options, changes, grouped: groups.list() }),
    row: (machine) => {
      groups.add(machine);
      rows += 1;
      return rows > MAX_PAGE_ROWS ? '' : formatPageRow(machine, options);
    },
    end: formatPageEnd,
  };
}
