/** What the running kernel's release does with `crashkernel=`, where releases and architectures differ. */
export interface CrashkernelRules {
  /** The suffixes that its parser knows. A parameter with another one is malformed. */
  readonly suffixes: readonly CrashkernelSuffix[];
  /** Whether it reserves for `SIZE,high` and `SIZE,low`. Otherwise it ignores both parameters. */
  readonly hasHigh: boolean;
  /** The release that reserves for them first, if not all do: `5.19`. */
  readonly highSince?: string;
  /** Whether it reserves CMA ranges for `SIZE,cma` beside a region. Otherwise it ignores the parameter. */
  readonly reservesCma: boolean;
  /** Whether `SIZE` goes above {@link lowLimit} if there is no room below. */
  readonly fallsBackToHigh: boolean;
  /** What it reserves below {@link lowLimit} beside a region above, if `SIZE,low` is not given; in bytes. */
  readonly defaultLowSize: bigint;
  /** It reserves below this physical address first, which devices can address; `1 << 64` if all RAM counts as low. */
  readonly lowLimit: bigint;
  /** A region begins on a multiple of this. */
  readonly alignment: bigint;
  /** The RAM that is compared with ranges (`1G-4G:256M`) is rounded up to a multiple of this. */
  readonly ramStep: bigint;
}

export type CrashkernelSuffix = ',high' | ',low' | ',cma';
