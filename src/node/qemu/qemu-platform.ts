import type { KernelFileKind } from '../../kernel-file/kernel-file-kinds.js';
import type { Machine } from '../../machine/machine-value.js';

/** UEFI firmware for QEMU's boards of an architecture. */
export interface UefiFirmware {
  /** Debian's package of it. */
  readonly package: string;
  /** Where distributions install it. */
  readonly installed: readonly string[];
  /** Builds QEMU's options for the file. */
  buildArguments(path: string): string[];
}

/** How QEMU runs guests of an architecture, and what they need. `qemu-platforms.ts` lists the implementations. */
export interface QemuPlatform {
  readonly architecture: Machine['architecture'];
  /** The program. */
  readonly program: string;
  /** Debian's package of it. */
  readonly package: string;
  /** A command that lists its CPU models. */
  readonly cpuHelp: string;
  /** QEMU's options for how its CPUs are emulated. */
  readonly accelerator: readonly string[];
  /** `e_machine` of its programs. */
  readonly elfMachine: number;
  /** The kind of kernel that `-kernel` boots, and its name for people. */
  readonly kernel: { readonly kind: KernelFileKind; readonly name: string };
  /** Parameters of a kernel: its console is the first serial port, and QEMU ends if it panics. */
  readonly consoleParameters: string;
  /** That serial port, for people. */
  readonly uart: string;
  readonly firmware: UefiFirmware;

  /** Whether UEFI can start a kernel of that kind. */
  hasEfiStub(kernel: Uint8Array): boolean;

  /** Builds QEMU's options that start a kimage from the file that `writeElfFile()` writes. */
  buildLoaderArguments(path: string): string[];

  /** The program with which a guest loads the crash kernel of a rehearsal: `*-loader.S` describes its input. */
  decodeCrashLoader(): Uint8Array;

  /** Adds facts to a recorded machine that are in the file of its kernel, and that no collector reads. */
  addKernelFacts(machine: Machine, kernel: Uint8Array): Promise<Machine>;
}
