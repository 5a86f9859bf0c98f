/** The outcomes that those of today are compared with: of an earlier report, or of another kernel. */

/** Why a machine refused the kernel. Of a report from another version, errno and check may be unknown to this one. */
export interface EarlierRefusal {
  readonly errno: string;
  readonly check: string;
  readonly detail: string;
}

/** A segment, and its physical address. */
export interface EarlierPlace {
  readonly name: string;
  readonly mem: bigint;
}

/** The outcome of an earlier load. */
export type EarlierOutcome =
  | { readonly verdict: 'loads'; readonly entry: bigint; readonly segments: readonly EarlierPlace[] }
  | { readonly verdict: 'refused'; readonly refusal: EarlierRefusal };

/** A machine of a fleet, and its earlier outcomes. A `PreflightRow` is one. */
export type EarlierRow = { readonly file: string } & (
  | {
      readonly machine: string;
      readonly outcome: EarlierOutcome;
      /** Undefined if the machine had no crash region, or if the load was that of a crash kernel. */
      readonly crash?: EarlierOutcome | undefined;
    }
  | { readonly unreadable: EarlierRefusal; readonly outcome?: undefined }
);
