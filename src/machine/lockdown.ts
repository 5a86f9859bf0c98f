/** The running kernel's lockdown: the level in brackets in `/sys/kernel/security/lockdown` (kernel_lockdown(7)). */
export type Lockdown = 'none' | 'integrity' | 'confidentiality';

/** Parses the level in brackets. @returns undefined if there is none */
export function parseLockdown(text: string): Lockdown | undefined {
  return /\[(none|integrity|confidentiality)\]/.exec(text)?.[1] as Lockdown | undefined;
}
