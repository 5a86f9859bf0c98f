/** A part of the way from a crash to its dump. */
export type KdumpPart =
  | 'settings'
  | 'crash region'
  | 'files'
  | 'load'
  | 'machine'
  | 'save'
  | 'dump'
  | 'root'
  | 'target';

/** What was found about a part. */
export interface KdumpTestStep {
  readonly part: KdumpPart;
  /** `stops`: no dump would be saved. `unknown`: it could not be examined. */
  readonly verdict: 'fine' | 'warns' | 'stops' | 'unknown';
  readonly detail: string;
  readonly cure?: string | undefined;
}

/** The steps that say that no dump would be saved. */
export function listStopping(steps: readonly KdumpTestStep[]): KdumpTestStep[] {
  return steps.filter(({ verdict }) => verdict === 'stops');
}
