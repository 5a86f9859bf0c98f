/** How every JSON object begins that a command prints. */
export interface ReportHeader {
  /** What the object is: `kexec-file/plan`. */
  readonly schema: string;
  readonly version: number;
}

/** Raised when a field changes its meaning or goes away; new fields do not raise it. */
export const REPORT_VERSION = 1;

/** @param name - of the report: `plan`, `crash-lint` */
export function buildReportHeader(name: string): ReportHeader {
  return { schema: `kexec-file/${name}`, version: REPORT_VERSION };
}
