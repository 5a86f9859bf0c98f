/** The outcome of a load, in the first lines that a command prints. */
import type { KexecError } from '../../base/error.js';
import { formatSize } from '../../base/sizes.js';
import type { TrailEntry } from '../../base/trail.js';
import { hex } from '../../base/u64.js';
import { listWarnings } from '../../base/warnings.js';
import type { KernelIdentity } from '../../kexec/identify-kernel.js';
import type { Kimage } from '../../kexec/kimage.js';
import { Layout, type ViewOptions } from './layout.js';
import { makeView, type View } from './make-view.js';

/** A kernel file, and the kernel in it. */
export interface NamedKernel {
  /** The file's name. */
  readonly name: string;
  readonly identity: KernelIdentity;
}

/** A load that was planned. */
export interface PlannedLoad {
  readonly kernel: NamedKernel;
  /** Where it would be loaded: "this machine (server1)". */
  readonly place: string;
  /** The system call, where one was asked for. */
  readonly call?: string | undefined;
  readonly kimage?: Kimage | undefined;
  readonly refusal?: KexecError | undefined;
  readonly trail: readonly TrailEntry[];
}

/** The first line of a plan: whether the kernel loads, what it is, where, and why not. */
export const formatOutcome: View<[load: PlannedLoad, options?: ViewOptions]> = makeView(
  ({ kernel, place, call, kimage, refusal, trail }, options) => {
    const layout = new Layout(options);
    const { green, red } = layout.colors;
    const where = `on ${place}${call === undefined ? '' : ` by ${call}`}`;
    const subject = describeKernel(kernel);
    if (refusal !== undefined) {
      const { errno, check, seen } = refusal;
      return layout.line(`${subject} ${red('is refused')} ${where}: ${errno} (${check}): ${seen}`, 2);
    }
    const facts = [
      ...(kimage === undefined
        ? []
        : [`${count(kimage.segments.length, 'segment')}, entry ${hex(kimage.entry)}`]),
      ...describeWarningCount(trail),
    ];
    return layout.line(`${subject} ${green('loads')} ${where}: ${facts.join('; ')}`, 2);
  },
);

/** `vmlinuz (Linux 6.12.117, signed by Debian Secure Boot Signer)` */
export function describeKernel({ name, identity }: NamedKernel): string {
  const { release } = identity;
  const signature = describeSignature(identity);
  const facts = [
    ...(release === undefined ? [] : [`Linux ${release}`]),
    ...(signature === undefined ? [] : [signature]),
  ];
  return facts.length === 0 ? name : `${name} (${facts.join(', ')})`;
}

function describeSignature({ signature, signer }: KernelIdentity): string | undefined {
  switch (signature) {
    case 'holds':
      return `signed by ${signer ?? 'a trusted key'}`;
    case 'none':
      return 'unsigned';
    case 'not verified':
    case 'not trusted':
    case 'revoked':
      return signer === undefined ? `signature ${signature}` : `signed by ${signer}, ${signature}`;
    case 'does not hold':
      return 'its signature does not hold';
    default:
      return undefined;
  }
}

function describeWarningCount(trail: readonly TrailEntry[]): string[] {
  const { length } = listWarnings(trail);
  return length === 0 ? [] : [count(length, 'warning')];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The warnings of a load, each with its cure. Empty without one. */
export const formatWarnings: View<[trail: readonly TrailEntry[], options?: ViewOptions]> = makeView(
  (trail, options) => {
    const layout = new Layout(options);
    const warnings = listWarnings(trail);
    if (warnings.length === 0) return '';
    return [
      layout.line(
        `${count(warnings.length, 'warning')}; --strict refuses the load for ${warnings.length === 1 ? 'it' : 'them'}`,
        2,
      ),
      ...warnings.flatMap(({ check, detail, cure = '' }) => [
        '',
        layout.line(`  ${layout.colors.yellow(check)}: ${detail}`, 4),
        layout.label(4, 'cure', cure),
      ]),
    ].join('\n');
  },
);

/** A load on this machine that succeeded. */
export interface DoneLoad {
  readonly kernel: NamedKernel & { readonly bytes: number };
  /** Its name; undefined if it came with the kernel. */
  readonly initrd?: { readonly name?: string | undefined; readonly bytes: number } | undefined;
  /** The name of the system call. */
  readonly call: string;
  readonly isCrash: boolean;
  /** Whether systemd runs here, which then stops the system first. */
  readonly hasSystemd: boolean;
}

/** Two lines: what was loaded, and how it is started. */
export const formatDone: View<[load: DoneLoad, options?: ViewOptions]> = makeView(
  ({ kernel, initrd, call, isCrash, hasSystemd }, options) => {
    const layout = new Layout(options);
    const sizes = [kernel.bytes, ...(initrd === undefined ? [] : [initrd.bytes])];
    const companion = initrd === undefined ? 'without an initrd' : `with ${initrd.name ?? 'its own initrd'}`;
    const size = sizes.map((bytes) => formatSize(BigInt(bytes))).join(' and ');
    const start = isCrash
      ? 'it starts when this kernel crashes; kexec-file unload --panic unloads it'
      : `start it with: kexec-file exec${hasSystemd ? ' (or systemctl kexec)' : ''}`;
    return [layout.line(`loaded ${describeKernel(kernel)} ${companion}, ${size}, by ${call}`, 2), start].join(
      '\n',
    );
  },
);
