/** The running kernel's lockdown: what `/sys/kernel/security/lockdown` has in brackets (kernel_lockdown(7)). */
export type Lockdown = 'none' | 'integrity' | 'confidentiality';

/** The level in brackets, of the levels that there are; nothing if none is there. */
export function parseLockdown(text: string): Lockdown | undefined {
  return /\[(none|integrity|confidentiality)\]/.exec(text)?.[1] as Lockdown | undefined;
}
