/** The tables that are looked for, by the names of their files. */
export const ACPI_TABLES = ['FACP', 'APIC', 'SPCR', 'GTDT', 'DBG2', 'IORT'] as const;

/** The folder of tables that a kernel shows if it uses ACPI. */
export const ACPI_FOLDER = '/sys/firmware/acpi/tables';

/** How CPUs are started under ACPI; `unknown` if the tables name neither. */
export const ACPI_CPU_METHODS = ['psci-smc', 'psci-hvc', 'parking-protocol', 'unknown'] as const;

/** What drives a UART of the SPCR. */
export const ACPI_UARTS = ['pl011', 'sbsa-uart', '16550', 'other'] as const;

/** A UART that a table names. */
export interface AcpiUart {
  readonly type: (typeof ACPI_UARTS)[number];
  /** Left out if its registers lie in memory; only x86_64 has ports. */
  readonly space?: 'port';
  /** Physical address of its registers, or the first of its ports. */
  readonly address: bigint;
  /** The bits of an access to a register. Left out if firmware leaves it open. */
  readonly accessBits?: 8 | 16 | 32 | 64;
}

/** The UART that the SPCR names. */
export interface AcpiConsole extends AcpiUart {
  /** Bits a second. Left out if the UART is to be used as firmware left it. */
  readonly baud?: number;
}

/** The facts in the ACPI tables of a machine whose kernel uses ACPI. One that could not be read is left out. */
export interface AcpiFacts {
  /** Those of {@link ACPI_TABLES} that exist. */
  readonly tables: readonly string[];
  readonly cpuMethod?: (typeof ACPI_CPU_METHODS)[number];
  readonly console?: AcpiConsole;
  /** The serial ports for debuggers, which the DBG2 names. */
  readonly debugPorts?: readonly AcpiUart[];
  /** The interrupt controller: its version, if firmware says it, and the number of its ITS. */
  readonly gic?: { readonly version?: number; readonly its: number };
  /** The number of Arm generic watchdogs that are not secure. */
  readonly watchdogs?: number;
}
