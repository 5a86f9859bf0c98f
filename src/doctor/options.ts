/** Options of a kernel's configuration that decide about kexec, without `CONFIG_`; what is not set is absent. */
export type KernelOptions = Readonly<Record<string, string>>;

/** Whether an option is built in; undefined where the configuration is not known. */
export function isBuiltIn(options: KernelOptions | undefined, name: string): boolean | undefined {
  return options === undefined ? undefined : options[name] === 'y';
}
